#include "recurrence/sizes.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "recurrence/diagnostics.h"
#include "recurrence/size_expressions.h"
#include "recurrence/size_solver.h"

namespace unfold::recurrence {
namespace {

using Kind = Expression::Kind;
using Variable = SizeSolver::Variable;

constexpr Variable kScalar = -1;  // known to be a scalar before sizes are solved

const char* word(Declaration::Kind kind) {
  switch (kind) {
    case Declaration::Kind::kInput: return "input";
    case Declaration::Kind::kState: return "state";
    case Declaration::Kind::kGiven: return "given";
  }
  return "";
}

class SizeInference {
 public:
  /// `link`: whether all uses of a parameter have one shape. Without it each use has its own, for comparing them.
  SizeInference(const Definition& definition, const KnownSizes& known, bool link)
      : definition_(definition),
        syntax_(definition.syntax),
        known_(known),
        evaluator_(definition, known_),
        link_(link) {}

  void run() {
    table_.begins.assign(syntax_.expressions.size(), 0);
    table_.ends.assign(syntax_.expressions.size(), 0);
    for (const Declaration& declaration : syntax_.declarations) declare(declaration);
    for (const ParameterSyntax& parameter : syntax_.parameters) declare(parameter);
    for (const Assignment& assignment : syntax_.assignments) assign(assignment);
    infer(syntax_.output);
    solver_.solve();
  }

  // For uses of one parameter whose sizes are known and differ.
  void compare_uses() const {
    for (std::size_t i = 0; i < uses_.size(); ++i) {
      for (const Use& use : uses_[i]) compare(syntax_.parameters[i], uses_[i].front(), use);
    }
  }

  SizeTable table() {
    for (std::size_t i = 0; i < assignments_.size(); ++i) {
      table_.assignments.push_back(assignments_[i] == kScalar ? 1 : assignment_size(i));
    }
    for (std::size_t i = 0; i < declarations_.size(); ++i) table_.declarations.push_back(declaration_shape(i));
    for (std::size_t i = 0; i < parameters_.size(); ++i) table_.parameters.push_back(parameter_shape(i));
    for (const Slice& slice : slices_) check_slice(slice);
    return std::move(table_);
  }

 private:
  struct Use {
    Place place;
    std::vector<Variable> extents;
  };
  struct Slice {
    ExpressionId id;
    Variable vector;
  };

  // --- Declarations -------------------------------------------------------------------------------------------------

  Variable extent(ExpressionId id, const std::string& origin) {
    if (const auto size = evaluator_.evaluate_extent(id)) return solver_.add(*size, origin);
    const auto [named, is_new] = open_sizes_.emplace(syntax_[id].name, 0);
    if (is_new) named->second = solver_.add();
    return named->second;
  }

  void declare(const Declaration& declaration) {
    if (declaration.extents.size() > 1) fail_matrix(declaration.place, declaration.name);
    const std::string origin = fmt::format("the {} '{}'", word(declaration.kind), declaration.name);
    if (!declaration.extents.empty()) {
      const Variable variable = extent(declaration.extents[0], origin);
      declarations_.push_back(variable);
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
           {fmt::format("the size of {} is not known", origin),
            fmt::format("1 to {}", kLargestExtent),
            fmt::format("{} = {}", is_input ? "input" : "hidden", size),
            {}});
    }
    declarations_.push_back(solver_.add(size, origin));
  }

  void declare(const ParameterSyntax& parameter) {
    if (parameter.extents.size() > 2) fail_matrix(parameter.place, parameter.name);
    const std::string origin =
        fmt::format("the parameter '{}' as declared at {}", parameter.name, text(parameter.place));
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

  // --- Statements and expressions
  // -------------------------------------------------------------------------------------

  void assign(const Assignment& assignment) {
    if (assignment.extents.size() > 1) fail_matrix(assignment.place, assignment.name);
    const Variable value = infer(assignment.value);
    Variable own = value;
    bool is_scalar = value == kScalar;
    if (assignment.is_next) {
      const std::size_t state = state_of(assignment);
      own = declarations_[state];
      is_scalar = evaluator_.is_literal_one(syntax_.declarations[state].extents);
    } else if (!assignment.extents.empty()) {
      own = extent(assignment.extents[0], fmt::format("'{}' as stated at {}", assignment.name, text(assignment.place)));
      is_scalar = evaluator_.is_literal_one(assignment.extents);
    }
    if (own != kScalar && value != kScalar) solver_.equate(own, value, misfit(assignment));
    assignments_.push_back(is_scalar ? kScalar : own);
  }

  SizeSolver::Report misfit(const Assignment& assignment) const {
    const Place place = assignment.place;
    const std::string what =
        fmt::format("{} '{}'", assignment.is_next ? "the next value of the state" : "the value of", assignment.name);
    return [this, place, what](const SizeSolver::Conflict& conflict) {
      fail(definition_.source, place,
           {what + " has the wrong size", describe(conflict.left), describe(conflict.right), {}});
    };
  }

  // The declaration of the state whose next value is assigned.
  std::size_t state_of(const Assignment& assignment) const {
    const auto found = std::ranges::find(syntax_.declarations, assignment.name, &Declaration::name);
    return static_cast<std::size_t>(found - syntax_.declarations.begin());
  }

  // The variable of an expression's size, or kScalar.
  Variable infer(ExpressionId id) {
    const Expression& expression = syntax_[id];
    switch (expression.kind) {
      case Kind::kNumber: return kScalar;
      case Kind::kName:
      case Kind::kNext: return infer_name(expression);
      case Kind::kNegate: return infer(expression.operands[0]);
      case Kind::kAdd:
      case Kind::kSubtract:
      case Kind::kMultiply:
      case Kind::kDivide:
      case Kind::kPower: return infer_elementwise(expression);
      case Kind::kProduct: return infer_product(expression);
      case Kind::kCall: return infer_call(expression);
      case Kind::kConcatenation: return infer_concatenation(expression);
      case Kind::kSlice: return infer_slice(id);
    }
    return kScalar;
  }

  Variable infer_name(const Expression& expression) {
    const auto index = static_cast<std::size_t>(expression.reference.index);
    switch (expression.reference.kind) {
      case Reference::Kind::kInput:
      case Reference::Kind::kState:
      case Reference::Kind::kGiven:
        return evaluator_.is_literal_one(syntax_.declarations[index].extents) ? kScalar : declarations_[index];
      case Reference::Kind::kParameter: return infer_vector_parameter(expression, index);
      case Reference::Kind::kAssignment: return assignments_[index];
      default: return kScalar;
    }
  }

  Variable infer_vector_parameter(const Expression& expression, std::size_t index) {
    if (parameters_[index].size() != 1) fail_matrix(expression.place, expression.name);
    if (evaluator_.is_literal_one(syntax_.parameters[index].extents)) return kScalar;
    return use(index, expression.place)[0];
  }

  // A use of a parameter: its own variables, or new ones that compare_uses looks at.
  std::vector<Variable> use(std::size_t parameter, Place place) {
    if (link_) return parameters_[parameter];
    Use result{place, {}};
    for (std::size_t i = 0; i < parameters_[parameter].size(); ++i) result.extents.push_back(solver_.add());
    uses_[parameter].push_back(result);
    return result.extents;
  }

  Variable infer_elementwise(const Expression& expression) {
    Variable result = kScalar;
    for (const ExpressionId operand : expression.operands) {
      const Variable variable = infer(operand);
      if (variable == kScalar) continue;
      if (result == kScalar) {
        result = variable;
      } else {
        solver_.equate(result, variable, disagreement(expression.place));
      }
    }
    return result;
  }

  SizeSolver::Report disagreement(Place place) const {
    return [this, place](const SizeSolver::Conflict& conflict) {
      fail(definition_.source, place,
           {"the sizes do not agree",
            "equal sizes, or a scalar",
            fmt::format("{} and {}", describe(conflict.left), describe(conflict.right)),
            {}});
    };
  }

  Variable infer_product(const Expression& expression) {
    const Expression& matrix = syntax_[expression.operands[0]];
    const Expression& vector = syntax_[expression.operands[1]];
    if (!is_matrix_parameter(matrix)) fail_not_a_matrix(expression, matrix, vector);
    if (is_matrix_parameter(vector)) {
      fail(definition_.source, vector.place,
           {"a product of two matrices",
            fmt::format("a vector after '{}'", matrix.name),
            fmt::format("the matrix '{}'", vector.name),
            {}});
    }
    const auto extents = use(static_cast<std::size_t>(matrix.reference.index), matrix.place);
    Variable size = infer(expression.operands[1]);
    if (size == kScalar) size = solver_.add(1, "a scalar");
    const std::string name = matrix.name;
    const Place place = matrix.place;
    solver_.equate(extents[1], size, [this, name, place](const SizeSolver::Conflict& conflict) {
      fail(definition_.source, place,
           {fmt::format("the matrix '{}' does not fit the vector it is applied to", name),
            fmt::format("{} columns", describe(conflict.right)),
            describe(conflict.left),
            {}});
    });
    return extents[0];
  }

  bool is_matrix_parameter(const Expression& expression) const {
    return expression.kind == Kind::kName && expression.reference.kind == Reference::Kind::kParameter &&
           parameters_[static_cast<std::size_t>(expression.reference.index)].size() == 2;
  }

  [[noreturn]] void fail_not_a_matrix(const Expression& product, const Expression& left,
                                      const Expression& right) const {
    const bool is_reversed =
        right.kind == Kind::kName && right.reference.kind == Reference::Kind::kParameter && right.name[0] != 'b';
    const std::string name = left.kind == Kind::kName ? fmt::format("'{}'", left.name) : "the left side";
    fail(definition_.source, product.dotted ? product.place : left.place,
         {fmt::format("{} is not a matrix", name),
          "W x, the product of a matrix of parameters and a vector",
          {},
          is_reversed ? fmt::format("the matrix stands at the left: {} x", right.name)
                      : "the elementwise product is written a * b, the inner product dot(a, b)"});
  }

  Variable infer_call(const Expression& expression) {
    switch (expression.function) {
      case Builtin::kBatchNorm:
        fail(definition_.source, expression.place,
             {"batch_norm is not available yet",
              {},
              {},
              "it needs statistics over the rows of a tick, which arrive in a later version; layer_norm is available"});
      case Builtin::kOuter:
      case Builtin::kCosine:
      case Builtin::kShift:
      case Builtin::kAttend: fail_matrix(expression.place, expression.name);
      case Builtin::kSum:
      case Builtin::kMean:
      case Builtin::kDot: infer_elementwise(expression); return kScalar;
      case Builtin::kMax:
      case Builtin::kMin: {
        const Variable size = infer_elementwise(expression);
        return expression.operands.size() == 1 ? kScalar : size;
      }
      case Builtin::kClip:
      case Builtin::kClipGradient: {
        const Variable size = infer(expression.operands[0]);
        for (std::size_t i = 1; i < expression.operands.size(); ++i) require_scalar(expression.operands[i]);
        return size;
      }
      default: return infer_elementwise(expression);
    }
  }

  void require_scalar(ExpressionId id) {
    if (infer(id) == kScalar) return;
    fail(definition_.source, syntax_[id].place, {"a bound is not a scalar", "a number or a scalar", "a vector", {}});
  }

  Variable infer_concatenation(const Expression& expression) {
    std::vector<Variable> parts;
    Index scalars = 0;
    for (const ExpressionId operand : expression.operands) {
      const Variable part = infer(operand);
      if (part == kScalar) {
        ++scalars;
      } else {
        parts.push_back(part);
      }
    }
    const Variable total = solver_.add();
    solver_.equate_sum(total, std::move(parts), scalars, fmt::format("the concatenation at {}", text(expression.place)),
                       disagreement(expression.place));
    return total;
  }

  Variable infer_slice(ExpressionId id) {
    const Expression& expression = syntax_[id];
    Variable vector = infer(expression.operands[0]);
    if (vector == kScalar) vector = solver_.add(1, "a scalar");
    const ExpressionId first = expression.operands[1];
    const ExpressionId last = expression.operands[2];
    const Index begin = first == kNoExpression ? 0 : evaluate_bound(first);
    table_.begins[static_cast<std::size_t>(id)] = begin;
    slices_.push_back({id, vector});
    if (last == kNoExpression) {
      const Variable rest = solver_.add();
      solver_.equate_sum(vector, {rest}, begin, fmt::format("the slice at {}", text(expression.place)),
                         outside(expression.place, begin));
      return rest;
    }
    const Index end = evaluate_bound(last);
    if (end <= begin) {
      fail(definition_.source, expression.place,
           {"the slice is empty", "an end after the beginning", fmt::format("[{}:{}]", begin, end), {}});
    }
    table_.ends[static_cast<std::size_t>(id)] = end;
    if (evaluator_.is_always_one(first, last)) return kScalar;
    return solver_.add(end - begin, fmt::format("the slice at {}", text(expression.place)));
  }

  SizeSolver::Report outside(Place place, Index begin) const {
    return [this, place, begin](const SizeSolver::Conflict& conflict) {
      fail(definition_.source, place,
           {"the slice reaches outside its vector", describe(conflict.left), fmt::format("[{}:]", begin), {}});
    };
  }

  Index evaluate_bound(ExpressionId id) const {
    if (const auto bound = evaluator_.evaluate(id)) return *bound;
    fail(definition_.source, syntax_[id].place,
         {fmt::format("the size '{}' is not known here", syntax_[id].name),
          {},
          {},
          "use an option, input, hidden or target"});
  }

  // --- Results ------------------------------------------------------------------------------------------------------

  void compare(const ParameterSyntax& parameter, const Use& first, const Use& use) const {
    for (std::size_t i = 0; i < use.extents.size(); ++i) {
      const auto expected = solver_.size(first.extents[i]);
      const auto found = solver_.size(use.extents[i]);
      if (!expected || !found || *expected == *found) continue;
      fail(definition_.source, use.place,
           {fmt::format("two shapes for the parameter '{}'", parameter.name),
            fmt::format("{}, as at {}", shape_text(first), text(first.place)), shape_text(use),
            "one parameter has one shape: use two names, or change one of the vectors"});
    }
  }

  std::string shape_text(const Use& use) const {
    std::string result = "[";
    for (const Variable variable : use.extents) {
      const auto size = solver_.size(variable);
      result += (result.size() > 1 ? ", " : "") + (size ? std::to_string(*size) : std::string("?"));
    }
    return result + "]";
  }

  static std::string describe(const SizeSolver::Known& known) {
    return known.origin.empty() ? fmt::format("{}", known.size) : fmt::format("{} ({})", known.size, known.origin);
  }

  Index assignment_size(std::size_t i) const {
    if (const auto size = solver_.size(assignments_[i])) return *size;
    const Assignment& assignment = syntax_.assignments[i];
    fail(definition_.source, assignment.place,
         {fmt::format("the size of '{}' is open", assignment.name),
          {},
          {},
          fmt::format("state it: {}[hidden] = ...", assignment.name)});
  }

  Shape parameter_shape(std::size_t i) const {
    std::vector<Index> extents;
    for (const Variable variable : parameters_[i]) {
      const auto size = solver_.size(variable);
      if (!size) {
        const ParameterSyntax& parameter = syntax_.parameters[i];
        fail(definition_.source, parameter.place,
             {fmt::format("the shape of the parameter '{}' is open", parameter.name),
              {},
              shape_text({parameter.place, parameters_[i]}),
              fmt::format("declare it: param {}[hidden{}]", parameter.name,
                          parameters_[i].size() == 2 ? ", hidden" : "")});
      }
      extents.push_back(*size);
    }
    return Shape(std::move(extents));
  }

  Shape declaration_shape(std::size_t i) const {
    if (const auto size = solver_.size(declarations_[i])) return Shape{*size};
    const Declaration& declaration = syntax_.declarations[i];
    fail(definition_.source, declaration.place,
         {fmt::format("the size of '{}' is open", declaration.name),
          {},
          {},
          fmt::format("state it: {} {}[hidden], or with an option: cell {}(n = 16)", word(declaration.kind),
                      declaration.name, syntax_.cell)});
  }

  void check_slice(const Slice& slice) {
    const auto size = solver_.size(slice.vector);
    const auto number = static_cast<std::size_t>(slice.id);
    const Expression& expression = syntax_[slice.id];
    if (!size) {
      fail(definition_.source, expression.place,
           {"the size of the sliced vector is open", {}, {}, "name the vector and state its size: u[hidden] = ..."});
    }
    if (table_.ends[number] == 0) table_.ends[number] = *size;
    if (table_.ends[number] > *size || table_.begins[number] >= table_.ends[number]) {
      fail(definition_.source, expression.place,
           {"the slice reaches outside its vector",
            fmt::format("bounds within [0:{}]", *size),
            fmt::format("[{}:{}]", table_.begins[number], table_.ends[number]),
            {}});
    }
  }

  [[noreturn]] void fail_matrix(Place place, const std::string& name) const {
    fail(definition_.source, place,
         {fmt::format("'{}' would be a matrix for every example, which cannot be executed yet", name),
          "vectors; matrices only as parameters at the left of a product, as in W x",
          {},
          {}});
  }

  const Definition& definition_;
  const Syntax& syntax_;
  const KnownSizes known_;
  SizeEvaluator evaluator_;
  bool link_;
  SizeSolver solver_;
  SizeTable table_;
  std::vector<Variable> declarations_;
  std::vector<std::vector<Variable>> parameters_;  // per parameter, per extent
  std::vector<Variable> assignments_;              // as later expressions see them
  std::vector<std::vector<Use>> uses_;
  std::vector<Slice> slices_;
  std::map<std::string, Variable> open_sizes_;  // extents that a given names and leaves open
};

}  // namespace

SizeTable infer_sizes(const Definition& definition, const KnownSizes& known) {
  SizeInference separate(definition, known, false);
  separate.run();
  separate.compare_uses();
  SizeInference linked(definition, known, true);
  linked.run();
  return linked.table();
}

}  // namespace unfold::recurrence
