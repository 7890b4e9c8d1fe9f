#include "recurrence/shapes/size_expressions.h"

#include <fmt/format.h>

#include <cmath>
#include <limits>

#include "recurrence/parse/diagnostics.h"
#include "recurrence/shapes/sizes.h"

namespace unfold::recurrence {
namespace {

using Kind = Expression::Kind;

constexpr double kOpen = std::numeric_limits<double>::quiet_NaN();

}  // namespace

std::optional<Index> SizeEvaluator::evaluate(ExpressionId id) const {
  check_known(syntax()[id]);
  const double value = number(id, known_);
  const bool is_bare_name = syntax()[id].kind == Kind::kName;
  if (std::isnan(value) && is_bare_name) return std::nullopt;
  if (!(value >= 0 && value <= static_cast<double>(kLargestExtent)) || value != std::floor(value)) {
    fail(definition_.source, syntax()[id].place,
         {.what = "this is not a size",
          .expected = fmt::format("a whole number up to {}", kLargestExtent),
          .found = std::isnan(value) ? "a size that is not known" : fmt::format("{}", value)});
  }
  return static_cast<Index>(value);
}

std::optional<Index> SizeEvaluator::evaluate_extent(ExpressionId id) const {
  const auto value = evaluate(id);
  if (value && *value < 1) {
    fail(definition_.source, syntax()[id].place, {.what = "this size is zero", .expected = "at least 1"});
  }
  return value;
}

// Lengths are linear in the known sizes, so agreeing at two places in general position is agreeing everywhere.
bool SizeEvaluator::is_always_one(ExpressionId begin, ExpressionId end) const {
  if (end == kNoExpression) return false;
  for (const KnownSizes& sizes : {KnownSizes{2003, 1009, 3001}, KnownSizes{7001, 5003, 9001}}) {
    const double first = begin == kNoExpression ? 0 : number(begin, sizes);
    if (number(end, sizes) - first != 1) return false;
  }
  return true;
}

bool SizeEvaluator::is_literal_one(const std::vector<ExpressionId>& extents) const {
  return extents.size() == 1 && syntax()[extents[0]].kind == Kind::kNumber && syntax()[extents[0]].number == 1;
}

double SizeEvaluator::number(ExpressionId id, const KnownSizes& known) const {
  const Expression& expression = syntax()[id];
  const auto operand = [&](std::size_t i) { return number(expression.operands[i], known); };
  switch (expression.kind) {
    case Kind::kNumber: return expression.number;
    case Kind::kAdd: return operand(0) + operand(1);
    case Kind::kSubtract: return operand(0) - operand(1);
    case Kind::kMultiply: return operand(0) * operand(1);
    case Kind::kDivide: return operand(0) / operand(1);
    default: break;
  }
  if (expression.reference.kind == Reference::Kind::kOption) {
    return syntax().options[static_cast<std::size_t>(expression.reference.index)].number;
  }
  if (expression.name == "input") return static_cast<double>(known.input);
  if (expression.name == "hidden") return static_cast<double>(known.hidden);
  if (expression.name == "target") return static_cast<double>(known.target);
  return kOpen;
}

void SizeEvaluator::check_known(const Expression& expression) const {
  for (const ExpressionId operand : expression.operands) check_known(syntax()[operand]);
  if (expression.kind != Kind::kName || expression.reference.kind == Reference::Kind::kOption) return;
  const auto check = [&](std::string_view name, Index size, const char* hint) {
    if (expression.name == name && size < 1) {
      fail(definition_.source, expression.place,
           {.what = fmt::format("the size '{}' is not known here", name),
            .expected = "at least 1",
            .found = fmt::format("{}", size),
            .hint = hint});
    }
  };
  check("target", known_.target,
        "'target' is the size of the label: only a cell at the top of a network that predicts labels has one");
  check("hidden", known_.hidden, "choose the number of hidden units");
  check("input", known_.input, "the input needs at least one element");
}

}  // namespace unfold::recurrence
