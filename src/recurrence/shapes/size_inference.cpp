// The order of inference, and what it found.
#include "recurrence/shapes/size_inference.h"

#include <fmt/format.h>

#include <algorithm>

#include "recurrence/parse/diagnostics.h"

namespace unfold::recurrence {

SizeInference::SizeInference(const Definition& definition, const KnownSizes& known, bool link)
    : definition_(definition), syntax_(definition.syntax), known_(known), evaluator_(definition, known_), link_(link) {}

void SizeInference::run() {
  table_.begins.assign(syntax_.expressions.size(), 0);
  table_.ends.assign(syntax_.expressions.size(), 0);
  for (const Declaration& declaration : syntax_.declarations) declare(declaration);
  for (const ParameterSyntax& parameter : syntax_.parameters) declare(parameter);
  for (const Assignment& assignment : syntax_.assignments) assign(assignment);
  infer(syntax_.output);
  solver_.solve();
}

void SizeInference::compare_uses() const {
  for (std::size_t i = 0; i < uses_.size(); ++i) {
    for (const Use& use : uses_[i]) compare(syntax_.parameters[i], uses_[i].front(), use);
  }
}

SizeTable SizeInference::table() {
  for (std::size_t i = 0; i < assignments_.size(); ++i) {
    table_.assignments.push_back(assignments_[i] == kScalar ? 1 : assignment_size(i));
  }
  for (std::size_t i = 0; i < declarations_.size(); ++i) table_.declarations.push_back(declaration_shape(i));
  for (std::size_t i = 0; i < parameters_.size(); ++i) table_.parameters.push_back(parameter_shape(i));
  for (const Slice& slice : slices_) check_slice(slice);
  return std::move(table_);
}

SizeTable infer_sizes(const Definition& definition, const KnownSizes& known) {
  SizeInference separate(definition, known, false);
  separate.run();
  separate.compare_uses();
  SizeInference linked(definition, known, true);
  linked.run();
  return linked.table();
}

void SizeInference::compare(const ParameterSyntax& parameter, const Use& first, const Use& use) const {
  for (std::size_t i = 0; i < use.extents.size(); ++i) {
    const auto expected = solver_.size(first.extents[i]);
    const auto found = solver_.size(use.extents[i]);
    if (!expected || !found || *expected == *found) continue;
    fail(definition_.source, use.place,
         {.what = fmt::format("two shapes for the parameter '{}'", parameter.name),
          .expected = fmt::format("{}, as at {}", shape_text(first), text(first.place)),
          .found = shape_text(use),
          .hint = "one parameter has one shape: use two names, or change one of the vectors"});
  }
}

std::string SizeInference::shape_text(const Use& use) const {
  std::string result = "[";
  for (const Variable variable : use.extents) {
    const auto size = solver_.size(variable);
    result += (result.size() > 1 ? ", " : "") + (size ? std::to_string(*size) : std::string("?"));
  }
  return result + "]";
}

std::string SizeInference::describe(const SizeSolver::Known& known) {
  return known.origin.empty() ? fmt::format("{}", known.size) : fmt::format("{} ({})", known.size, known.origin);
}

Index SizeInference::assignment_size(std::size_t i) const {
  if (const auto size = solver_.size(assignments_[i])) return *size;
  const Assignment& assignment = syntax_.assignments[i];
  fail(definition_.source, assignment.place,
       {.what = fmt::format("the size of '{}' is open", assignment.name),
        .hint = fmt::format("state it: {}[hidden] = ...", assignment.name)});
}

Shape SizeInference::parameter_shape(std::size_t i) const {
  std::vector<Index> extents;
  for (const Variable variable : parameters_[i]) {
    const auto size = solver_.size(variable);
    if (!size) {
      const ParameterSyntax& parameter = syntax_.parameters[i];
      fail(definition_.source, parameter.place,
           {.what = fmt::format("the shape of the parameter '{}' is open", parameter.name),
            .found = shape_text({parameter.place, parameters_[i]}),
            .hint = fmt::format("declare it: param {}[hidden{}]", parameter.name,
                                parameters_[i].size() == 2 ? ", hidden" : "")});
    }
    extents.push_back(*size);
  }
  return Shape(std::move(extents));
}

Shape SizeInference::declaration_shape(std::size_t i) const {
  if (const auto size = solver_.size(declarations_[i])) return Shape{*size};
  const Declaration& declaration = syntax_.declarations[i];
  fail(definition_.source, declaration.place,
       {.what = fmt::format("the size of '{}' is open", declaration.name),
        .hint = fmt::format("state it: {} {}[hidden], or with an option: cell {}(n = 16)", keyword(declaration.kind),
                            declaration.name, syntax_.cell)});
}

void SizeInference::check_slice(const Slice& slice) {
  const auto size = solver_.size(slice.vector);
  const auto number = static_cast<std::size_t>(slice.id);
  const Expression& expression = syntax_[slice.id];
  if (!size) {
    fail(definition_.source, expression.place,
         {.what = "the size of the sliced vector is open",
          .hint = "name the vector and state its size: u[hidden] = ..."});
  }
  if (table_.ends[number] == 0) table_.ends[number] = *size;
  if (table_.ends[number] > *size || table_.begins[number] >= table_.ends[number]) {
    fail(definition_.source, expression.place,
         {.what = "the slice reaches outside its vector",
          .expected = fmt::format("bounds within [0:{}]", *size),
          .found = fmt::format("[{}:{}]", table_.begins[number], table_.ends[number])});
  }
}

}  // namespace unfold::recurrence
