#include "recurrence/parse/names.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <unordered_map>
#include <unordered_set>

#include "recurrence/parse/diagnostics.h"
#include "recurrence/parse/parser.h"
#include "recurrence/parse/step_order.h"

namespace unfold::recurrence {
namespace {

using Kind = Expression::Kind;

constexpr std::string_view kParameterHint =
    "parameters are called W, U, V or b, alone or followed by _ or a digit; others are declared, as in: param "
    "{}[hidden]";

bool is_parameter_name(std::string_view name) {
  if (name.empty() || std::string_view("WUVb").find(name[0]) == std::string_view::npos) return false;
  return name.size() == 1 || name[1] == '_' || (name[1] >= '0' && name[1] <= '9');
}

bool is_before(Place a, Place b) { return a.line != b.line ? a.line < b.line : a.column < b.column; }

class NameResolver {
 public:
  NameResolver(const SourceText& source, Syntax& syntax) : source_(source), syntax_(syntax) {}

  void run() {
    collect_names();
    add_undeclared_parameters();
    for (std::size_t i = 0; i < syntax_.assignments.size(); ++i) {
      assignment_ = static_cast<std::int32_t>(i);
      resolve(syntax_.assignments[i].value);
      resolve_sizes(syntax_.assignments[i].extents);
    }
    assignment_ = static_cast<std::int32_t>(syntax_.assignments.size());
    resolve(syntax_.output);
    resolve_declarations();
    resolve_initials();
    check_undeclared_parameters();
    check_all_used();
  }

 private:
  struct Named {
    Reference reference;
    Place place;
    bool used = false;
  };

  void collect_names() {
    for (std::size_t i = 0; i < syntax_.options.size(); ++i) {
      declare(syntax_.options[i].name, syntax_.options[i].place, Reference::Kind::kOption, i);
    }
    for (std::size_t i = 0; i < syntax_.declarations.size(); ++i) declare(syntax_.declarations[i], i);
    for (const ParameterSyntax& parameter : syntax_.parameters) {
      declare(parameter.name, parameter.place, Reference::Kind::kParameter, 0);
    }
    for (std::size_t i = 0; i < syntax_.assignments.size(); ++i) declare(syntax_.assignments[i], i);
    for (const Declaration& declaration : syntax_.declarations) {
      if (declaration.kind == Declaration::Kind::kState && !next_.contains(declaration.name)) {
        fail(source_, declaration.place,
             {.what = fmt::format("the state '{}' has no next value", declaration.name),
              .hint = fmt::format("add a line: {}' = ...", declaration.name)});
      }
    }
  }

  void declare(const std::string& name, Place place, Reference::Kind kind, std::size_t index) {
    const auto [known, is_new] = names_.emplace(name, Named{{kind, static_cast<std::int32_t>(index)}, place});
    if (is_new) return;
    fail(source_, place,
         {.what = fmt::format("the name '{}' is given twice; the first time at {}", name, text(known->second.place)),
          .hint = "every name has one definition"});
  }

  void declare(const Declaration& declaration, std::size_t index) {
    const auto kind = declaration.kind == Declaration::Kind::kInput   ? Reference::Kind::kInput
                      : declaration.kind == Declaration::Kind::kState ? Reference::Kind::kState
                                                                      : Reference::Kind::kGiven;
    declare(declaration.name, declaration.place, kind, index);
    if (declaration.kind == Declaration::Kind::kGiven) {
      for (const ExpressionId extent : declaration.extents) {
        if (syntax_[extent].kind == Kind::kName) given_sizes_.insert(syntax_[extent].name);
      }
    }
    if (declaration.learned) add_start_parameter(declaration, index);
  }

  void add_start_parameter(const Declaration& declaration, std::size_t index) {
    ParameterSyntax parameter;
    parameter.name = declaration.name + "_0";
    parameter.place = declaration.place;
    parameter.declared = true;
    parameter.extents = declaration.extents;
    parameter.start_of = static_cast<std::int32_t>(index);
    syntax_.parameters.push_back(std::move(parameter));
  }

  void declare(Assignment& assignment, std::size_t index) {
    const auto known = names_.find(assignment.name);
    const bool is_state = known != names_.end() && known->second.reference.kind == Reference::Kind::kState;
    if (!assignment.is_next) {
      if (is_state) {
        fail(source_, assignment.place,
             {.what = fmt::format("'{}' is a state", assignment.name),
              .hint = fmt::format("its next value is written {0}' = ...; {0} alone means the previous one",
                                  assignment.name)});
      }
      return declare(assignment.name, assignment.place, Reference::Kind::kAssignment, index);
    }
    if (!is_state) fail_not_a_state(assignment.name, assignment.place);
    assignment.state = known->second.reference.index;
    const auto [next, is_new] = next_.emplace(assignment.name, static_cast<std::int32_t>(index));
    if (is_new) return;
    const Place first = syntax_.assignments[static_cast<std::size_t>(next->second)].place;
    fail(source_, assignment.place,
         {.what = fmt::format("the state '{}' has two next values; the first is at {}", assignment.name, text(first))});
  }

  [[noreturn]] void fail_not_a_state(const std::string& name, Place place) const {
    std::vector<std::string> states;
    for (const auto& declaration : syntax_.declarations) {
      if (declaration.kind == Declaration::Kind::kState) states.push_back(declaration.name);
    }
    fail(source_, place,
         {.what = fmt::format("'{}' is not a state, so it has no next value", name),
          .hint = hint_for(name, states, fmt::format("declare it: state {}", name))});
  }

  // Parameters are numbered in the order of the text: by their declaration or their first use.
  void add_undeclared_parameters() {
    for (const Assignment& assignment : syntax_.assignments) collect_parameters(assignment.value);
    collect_parameters(syntax_.output);
    std::ranges::stable_sort(syntax_.parameters,
                             [](const auto& a, const auto& b) { return is_before(a.place, b.place); });
    for (std::size_t i = 0; i < syntax_.parameters.size(); ++i) {
      ParameterSyntax& parameter = syntax_.parameters[i];
      Named& named = names_.at(parameter.name);
      named.reference.index = static_cast<std::int32_t>(i);
      if (parameter.start_of >= 0) named.used = true;
    }
    uses_.resize(syntax_.parameters.size());
  }

  void collect_parameters(ExpressionId id) {
    const Expression& expression = syntax_[id];
    if (expression.kind == Kind::kName && is_parameter_name(expression.name) && !names_.contains(expression.name)) {
      ParameterSyntax parameter;
      parameter.name = expression.name;
      parameter.place = expression.place;
      names_.emplace(parameter.name, Named{{Reference::Kind::kParameter, 0}, parameter.place});
      syntax_.parameters.push_back(std::move(parameter));
    }
    const std::size_t count = expression.kind == Kind::kSlice ? 1 : expression.operands.size();
    for (std::size_t i = 0; i < count; ++i) collect_parameters(expression.operands[i]);
  }

  void resolve(ExpressionId id) {
    switch (syntax_[id].kind) {
      case Kind::kNumber: return;
      case Kind::kName: return resolve_name(syntax_[id]);
      case Kind::kNext: return resolve_next(syntax_[id]);
      case Kind::kCall: resolve_call(syntax_[id]); break;
      case Kind::kProduct: return resolve_product(id);
      case Kind::kSlice:
        resolve(syntax_[id].operands[0]);
        return resolve_sizes({syntax_[id].operands.begin() + 1, syntax_[id].operands.end()});
      default: break;
    }
    for (const ExpressionId operand : syntax_[id].operands) resolve(operand);
  }

  void resolve_name(Expression& expression, bool is_matrix = false) {
    const auto found = names_.find(expression.name);
    if (found == names_.end()) fail_unknown(expression);
    Named& named = found->second;
    named.used = true;
    expression.reference = named.reference;
    const auto index = static_cast<std::size_t>(named.reference.index);
    if (named.reference.kind == Reference::Kind::kAssignment && named.reference.index >= assignment_) {
      fail_on_order(source_, syntax_, assignment_, named.reference.index, expression.place);
    }
    if (named.reference.kind == Reference::Kind::kOption && syntax_.options[index].is_function) {
      fail(source_, expression.place,
           {.what = fmt::format("the option '{}' is a function", expression.name),
            .expected = fmt::format("{}(...)", expression.name)});
    }
    if (named.reference.kind == Reference::Kind::kParameter) {
      Place& place = is_matrix ? uses_[index].as_matrix : uses_[index].as_vector;
      if (place.line == 0) place = expression.place;
    }
  }

  void resolve_next(Expression& expression) {
    const auto next = next_.find(expression.name);
    if (next == next_.end()) fail_not_a_state(expression.name, expression.place);
    expression.reference = {Reference::Kind::kAssignment, next->second};
    if (next->second >= assignment_) fail_on_order(source_, syntax_, assignment_, next->second, expression.place);
  }

  void resolve_call(Expression& expression) {
    if (expression.option >= 0) {
      names_.at(expression.name).used = true;
      expression.function = syntax_.options[static_cast<std::size_t>(expression.option)].function;
    }
    const BuiltinEntry& builtin = entry(expression.function);
    const int count = static_cast<int>(expression.operands.size());
    if (count >= builtin.least_arguments && count <= builtin.most_arguments) return;
    fail(source_, expression.place,
         {.what = fmt::format("wrong number of arguments for the function {}", builtin.name),
          .expected = std::string(builtin.form),
          .found = fmt::format("{} arguments", count)});
  }

  void resolve_product(ExpressionId id) {
    const ExpressionId left = syntax_[id].operands[0];
    const ExpressionId right = syntax_[id].operands[1];
    if (syntax_[id].dotted && !is_matrix(syntax_[left]) && !is_matrix(syntax_[right])) {
      syntax_[id].kind = Kind::kMultiply;
      resolve(left);
    } else if (syntax_[left].kind == Kind::kName) {
      resolve_name(syntax_[left], true);
    } else {
      resolve(left);
    }
    resolve(right);
  }

  // Whether a name beside a · is a matrix: declared with two extents, or an undeclared parameter W, U, V.
  bool is_matrix(const Expression& expression) const {
    if (expression.kind != Kind::kName) return false;
    const auto found = names_.find(expression.name);
    if (found == names_.end()) return false;
    const auto index = static_cast<std::size_t>(found->second.reference.index);
    switch (found->second.reference.kind) {
      case Reference::Kind::kInput:
      case Reference::Kind::kState:
      case Reference::Kind::kGiven: return syntax_.declarations[index].extents.size() > 1;
      case Reference::Kind::kParameter:
        return syntax_.parameters[index].declared ? syntax_.parameters[index].extents.size() > 1
                                                  : expression.name[0] != 'b';
      default: return false;
    }
  }

  void resolve_sizes(const std::vector<ExpressionId>& sizes) {
    for (const ExpressionId size : sizes) {
      if (size != kNoExpression) resolve_size(size);
    }
  }

  // Names in sizes are `input`, `hidden`, `target`, options that are numbers, and the extents of givens.
  void resolve_size(ExpressionId id) {
    Expression& expression = syntax_[id];
    resolve_sizes(expression.operands);
    if (expression.kind != Kind::kName) return;
    if (expression.name == "input" || expression.name == "hidden" || expression.name == "target") return;
    const auto found = names_.find(expression.name);
    if (found != names_.end() && found->second.reference.kind == Reference::Kind::kOption)
      return resolve_name(expression);
    if (given_sizes_.contains(expression.name)) return;
    std::vector<std::string> candidates{"input", "hidden", "target"};
    for (const Option& option : syntax_.options) candidates.push_back(option.name);
    fail(source_, expression.place,
         {.what = fmt::format("unknown size '{}'", expression.name),
          .expected = "a number, input, hidden, target or an option",
          .hint = hint_for(expression.name, candidates,
                           fmt::format("add an option: cell {}({} = 16)", syntax_.cell, expression.name))});
  }

  void resolve_declarations() {
    for (Declaration& declaration : syntax_.declarations) {
      resolve_sizes(declaration.extents);
      if (declaration.start != kNoExpression) resolve_number(declaration.start);
    }
    for (const ParameterSyntax& parameter : syntax_.parameters) resolve_sizes(parameter.extents);
  }

  // A number: literal, negated, or an option.
  void resolve_number(ExpressionId id) {
    Expression& expression = syntax_[id];
    if (expression.kind == Kind::kNegate) return resolve_number(expression.operands[0]);
    if (expression.kind == Kind::kNumber) return;
    const auto found = names_.find(expression.name);
    if (found != names_.end() && found->second.reference.kind == Reference::Kind::kOption)
      return resolve_name(expression);
    std::vector<std::string> candidates{"learned", "identity", "orthogonal", "glorot",
                                        "sparse",  "uniform",  "normal",     "spectral"};
    for (const Option& option : syntax_.options) candidates.push_back(option.name);
    fail(source_, expression.place,
         {.what = fmt::format("'{}' is neither a number nor a known start", expression.name),
          .expected =
              "a number or an option; for a state: learned; for a parameter: identity, orthogonal, glorot, sparse, "
              "uniform(a), normal(s), spectral(r)",
          .hint = hint_for(expression.name, candidates)});
  }

  void resolve_initials() {
    std::unordered_map<std::string, Place> seen;
    for (const InitialSyntax& initial : syntax_.initials) {
      const auto found = names_.find(initial.parameter);
      if (found == names_.end() || found->second.reference.kind != Reference::Kind::kParameter) {
        std::vector<std::string> candidates;
        for (const ParameterSyntax& parameter : syntax_.parameters) candidates.push_back(parameter.name);
        fail(source_, initial.place,
             {.what = fmt::format("the cell has no parameter '{}'", initial.parameter),
              .hint = hint_for(initial.parameter, candidates,
                               fmt::format("its parameters: {}", fmt::join(candidates, ", ")))});
      }
      const auto [first, is_new] = seen.emplace(initial.parameter, initial.place);
      if (!is_new) {
        fail(source_, initial.place,
             {.what = fmt::format("the parameter '{}' is initialised twice; the first time at {}", initial.parameter,
                                  text(first->second))});
      }
      if (initial.argument != kNoExpression) resolve_number(initial.argument);
    }
  }

  void check_undeclared_parameters() {
    for (std::size_t i = 0; i < syntax_.parameters.size(); ++i) {
      ParameterSyntax& parameter = syntax_.parameters[i];
      if (parameter.declared) continue;
      const auto& [as_matrix, as_vector] = uses_[i];
      parameter.is_matrix = as_matrix.line > 0;
      if (as_matrix.line == 0 || as_vector.line == 0) continue;
      const bool matrix_first = is_before(as_matrix, as_vector);
      fail(source_, matrix_first ? as_vector : as_matrix,
           {.what = fmt::format("two shapes for the parameter '{}': a {} here, a {} at {}", parameter.name,
                                matrix_first ? "vector" : "matrix", matrix_first ? "matrix" : "vector",
                                text(matrix_first ? as_matrix : as_vector)),
            .hint = "W x is a product of the matrix W; a * x an elementwise one. Use two names"});
    }
  }

  void check_all_used() const {
    const std::pair<const std::string, Named>* first = nullptr;
    for (const auto& named : names_) {
      if (!named.second.used && (!first || is_before(named.second.place, first->second.place))) first = &named;
    }
    if (!first) return;
    const bool is_state = first->second.reference.kind == Reference::Kind::kState;
    fail(source_, first->second.place,
         {.what = fmt::format("'{}' is never used", first->first),
          .hint = is_state
                      ? fmt::format(
                            "no line reads its previous value; if none should, write {0} = ... instead of {0}' = ...",
                            first->first)
                      : "remove it, or use it"});
  }

  [[noreturn]] void fail_unknown(const Expression& expression) const {
    std::vector<std::string> candidates;
    for (const auto& [name, named] : names_) candidates.push_back(name);
    for (const auto& builtin : builtins()) candidates.emplace_back(builtin.name);
    fail(source_, expression.place,
         {.what = fmt::format("unknown name '{}'", expression.name),
          .hint = hint_for(expression.name, candidates, fmt::format(fmt::runtime(kParameterHint), expression.name))});
  }

  struct Uses {
    Place as_matrix;
    Place as_vector;
  };

  const SourceText& source_;
  Syntax& syntax_;
  std::int32_t assignment_ = 0;  // the one being resolved
  std::map<std::string, Named> names_;
  std::unordered_map<std::string, std::int32_t> next_;  // the assignment of each state's next value
  std::unordered_set<std::string> given_sizes_;
  std::vector<Uses> uses_;  // per parameter
};

}  // namespace

void resolve_names(const SourceText& source, Syntax& syntax) { NameResolver(source, syntax).run(); }

}  // namespace unfold::recurrence
