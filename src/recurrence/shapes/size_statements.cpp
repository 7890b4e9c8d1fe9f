// Sizes of declarations and assignments.
#include <fmt/format.h>

#include <algorithm>

#include "recurrence/parse/diagnostics.h"
#include "recurrence/shapes/size_inference.h"

namespace unfold::recurrence {

SizeInference::Variable SizeInference::extent(ExpressionId id, const std::string& origin) {
  if (const auto size = evaluator_.evaluate_extent(id)) return solver_.add(*size, origin);
  const auto [named, is_new] = open_sizes_.emplace(syntax_[id].name, 0);
  if (is_new) named->second = solver_.add();
  return named->second;
}

void SizeInference::declare(const Declaration& declaration) {
  if (declaration.extents.size() > 1) fail_matrix(declaration.place, declaration.name);
  const std::string origin = fmt::format("the {} '{}'", keyword(declaration.kind), declaration.name);
  if (!declaration.extents.empty()) {
    declarations_.push_back(extent(declaration.extents[0], origin));
    check_first_input(declaration);
    return;
  }
  if (declaration.kind == Declaration::Kind::kGiven) {
    declarations_.push_back(solver_.add());
    return;
  }
  const bool is_input = declaration.kind == Declaration::Kind::kInput;
  const Index size = is_input ? known_.input : known_.hidden;
  if (size < 1 || size > kLargestExtent) {
    fail(definition_.source, declaration.place,
         {.what = fmt::format("the size of {} is not known", origin),
          .expected = fmt::format("1 to {}", kLargestExtent),
          .found = fmt::format("{} = {}", is_input ? "input" : "hidden", size)});
  }
  declarations_.push_back(solver_.add(size, origin));
}

// The first input is what the cell is fed with; a size stated for it must be the one it gets.
void SizeInference::check_first_input(const Declaration& declaration) const {
  const auto first = std::ranges::find(syntax_.declarations, Declaration::Kind::kInput, &Declaration::kind);
  const auto size = solver_.size(declarations_.back());
  if (first == syntax_.declarations.end() || &*first != &declaration || known_.input < 1) return;
  if (size == known_.input) return;
  fail(definition_.source, declaration.place,
       {.what = fmt::format("the input '{}' has another size where the cell is used", declaration.name),
        .expected = fmt::format("{}", size.value_or(0)),
        .found = fmt::format("{}", known_.input),
        .hint = fmt::format("leave the size out: input {}", declaration.name)});
}

void SizeInference::declare(const ParameterSyntax& parameter) {
  if (parameter.extents.size() > 2) fail_matrix(parameter.place, parameter.name);
  const std::string origin = fmt::format("the parameter '{}' as declared at {}", parameter.name, text(parameter.place));
  std::vector<Variable> extents;
  for (const ExpressionId id : parameter.extents) extents.push_back(extent(id, origin));
  if (parameter.start_of >= 0) {
    extents = {declarations_[static_cast<std::size_t>(parameter.start_of)]};
  } else if (!parameter.declared) {
    extents.resize(parameter.is_matrix ? 2 : 1);
    for (Variable& variable : extents) variable = solver_.add();
  }
  uses_.emplace_back();
  if (parameter.declared) uses_.back().push_back({parameter.place, extents});
  parameters_.push_back(std::move(extents));
}

void SizeInference::assign(const Assignment& assignment) {
  if (assignment.extents.size() > 1) fail_matrix(assignment.place, assignment.name);
  const Variable value = infer(assignment.value);
  Variable own = value;
  bool is_scalar = value == kScalar;
  if (assignment.is_next) {
    const auto state = static_cast<std::size_t>(assignment.state);
    own = declarations_[state];
    is_scalar = evaluator_.is_literal_one(syntax_.declarations[state].extents);
  } else if (!assignment.extents.empty()) {
    own = extent(assignment.extents[0], fmt::format("'{}' as stated at {}", assignment.name, text(assignment.place)));
    is_scalar = evaluator_.is_literal_one(assignment.extents);
  }
  if (own != kScalar && value != kScalar) solver_.equate(own, value, misfit(assignment));
  assignments_.push_back(is_scalar ? kScalar : own);
}

SizeSolver::Report SizeInference::misfit(const Assignment& assignment) const {
  const Place place = assignment.place;
  const std::string what =
      fmt::format("{} '{}'", assignment.is_next ? "the next value of the state" : "the value of", assignment.name);
  return [this, place, what](const SizeSolver::Conflict& conflict) {
    fail(
        definition_.source, place,
        {.what = what + " has the wrong size", .expected = describe(conflict.left), .found = describe(conflict.right)});
  };
}

void SizeInference::fail_matrix(Place place, const std::string& name) const {
  fail(definition_.source, place,
       {.what = fmt::format("'{}' would be a matrix for every example, which cannot be executed yet", name),
        .expected = "vectors; matrices only as parameters at the left of a product, as in W x"});
}

}  // namespace unfold::recurrence
