// Sizes of expressions.
#include <fmt/format.h>

#include <algorithm>

#include "recurrence/parse/diagnostics.h"
#include "recurrence/shapes/size_inference.h"

namespace unfold::recurrence {
namespace {

using Kind = Expression::Kind;

}  // namespace

// The variable of an expression's size, or kScalar.
SizeInference::Variable SizeInference::infer(ExpressionId id) {
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

SizeInference::Variable SizeInference::infer_name(const Expression& expression) {
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

SizeInference::Variable SizeInference::infer_vector_parameter(const Expression& expression, std::size_t index) {
  if (parameters_[index].size() != 1) fail_matrix(expression.place, expression.name);
  if (evaluator_.is_literal_one(syntax_.parameters[index].extents)) return kScalar;
  return use(index, expression.place)[0];
}

// A use of a parameter: its own variables, or new ones that compare_uses looks at.
std::vector<SizeInference::Variable> SizeInference::use(std::size_t parameter, Place place) {
  if (link_) return parameters_[parameter];
  Use result{place, {}};
  for (std::size_t i = 0; i < parameters_[parameter].size(); ++i) result.extents.push_back(solver_.add());
  uses_[parameter].push_back(result);
  return result.extents;
}

SizeInference::Variable SizeInference::infer_elementwise(const Expression& expression) {
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

SizeSolver::Report SizeInference::disagreement(Place place) const {
  return [this, place](const SizeSolver::Conflict& conflict) {
    fail(definition_.source, place,
         {.what = "the sizes do not agree",
          .expected = "equal sizes, or a scalar",
          .found = fmt::format("{} and {}", describe(conflict.left), describe(conflict.right))});
  };
}

SizeInference::Variable SizeInference::infer_product(const Expression& expression) {
  const Expression& matrix = syntax_[expression.operands[0]];
  const Expression& vector = syntax_[expression.operands[1]];
  if (!is_matrix_parameter(matrix)) fail_not_a_matrix(expression, matrix, vector);
  if (is_matrix_parameter(vector)) {
    fail(definition_.source, vector.place,
         {.what = "a product of two matrices",
          .expected = fmt::format("a vector after '{}'", matrix.name),
          .found = fmt::format("the matrix '{}'", vector.name)});
  }
  const auto extents = use(static_cast<std::size_t>(matrix.reference.index), matrix.place);
  Variable size = infer(expression.operands[1]);
  if (size == kScalar) size = solver_.add(1, "a scalar");
  const std::string name = matrix.name;
  const Place place = matrix.place;
  solver_.equate(extents[1], size, [this, name, place](const SizeSolver::Conflict& conflict) {
    fail(definition_.source, place,
         {.what = fmt::format("the matrix '{}' does not fit the vector it is applied to", name),
          .expected = fmt::format("{} columns", describe(conflict.right)),
          .found = describe(conflict.left)});
  });
  return extents[0];
}

bool SizeInference::is_matrix_parameter(const Expression& expression) const {
  return expression.kind == Kind::kName && expression.reference.kind == Reference::Kind::kParameter &&
         parameters_[static_cast<std::size_t>(expression.reference.index)].size() == 2;
}

void SizeInference::fail_not_a_matrix(const Expression& product, const Expression& left,
                                      const Expression& right) const {
  const bool is_reversed =
      right.kind == Kind::kName && right.reference.kind == Reference::Kind::kParameter && right.name[0] != 'b';
  const std::string name = left.kind == Kind::kName ? fmt::format("'{}'", left.name) : "the left side";
  fail(definition_.source, product.dotted ? product.place : left.place,
       {.what = fmt::format("{} is not a matrix", name),
        .expected = "W x, the product of a matrix of parameters and a vector",
        .hint = is_reversed ? fmt::format("the matrix stands at the left: {} x", right.name)
                            : "the elementwise product is written a * b, the inner product dot(a, b)"});
}

SizeInference::Variable SizeInference::infer_call(const Expression& expression) {
  switch (expression.function) {
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

void SizeInference::require_scalar(ExpressionId id) {
  if (infer(id) == kScalar) return;
  fail(definition_.source, syntax_[id].place,
       {.what = "a bound is not a scalar", .expected = "a number or a scalar", .found = "a vector"});
}

SizeInference::Variable SizeInference::infer_concatenation(const Expression& expression) {
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

SizeInference::Variable SizeInference::infer_slice(ExpressionId id) {
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
         {.what = "the slice is empty",
          .expected = "an end after the beginning",
          .found = fmt::format("[{}:{}]", begin, end)});
  }
  table_.ends[static_cast<std::size_t>(id)] = end;
  if (evaluator_.is_always_one(first, last)) return kScalar;
  return solver_.add(end - begin, fmt::format("the slice at {}", text(expression.place)));
}

SizeSolver::Report SizeInference::outside(Place place, Index begin) const {
  return [this, place, begin](const SizeSolver::Conflict& conflict) {
    fail(definition_.source, place,
         {.what = "the slice reaches outside its vector",
          .expected = describe(conflict.left),
          .found = fmt::format("[{}:]", begin)});
  };
}

Index SizeInference::evaluate_bound(ExpressionId id) const {
  if (const auto bound = evaluator_.evaluate(id)) return *bound;
  fail(definition_.source, syntax_[id].place,
       {.what = fmt::format("the size '{}' is not known here", syntax_[id].name),
        .hint = "use an option, input, hidden or target"});
}

}  // namespace unfold::recurrence
