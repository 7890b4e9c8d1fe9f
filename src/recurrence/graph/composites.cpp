#include "recurrence/graph/composites.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numbers>

namespace unfold::recurrence {
namespace {

using Function = kernels::Function;

// Added to the variance, as PyTorch, Keras and Ba et al. 2016 do.
constexpr double kLayerNormEpsilon = 1e-5;

// Cooijmans et al. 2016 add it to the variance too.
constexpr double kBatchNormEpsilon = 1e-5;

// Whole exponents up to this are done by repeated squaring.
constexpr double kLargestWholeExponent = 1 << 20;

NodeId mean(GraphBuilder& builder, NodeId a) {
  const NodeId count = builder.number(1.0 / static_cast<double>(builder.size(a)));
  return builder.map(Function::kMultiply, {builder.sum(a), count});
}

// exp(a - m) / sum(exp(a - m)) for any m; with the largest element nothing overflows. The result does not depend on m,
// so no gradient need flow through it.
NodeId softmax(GraphBuilder& builder, NodeId a) {
  const NodeId largest = builder.stop_gradient(builder.row_max(a));
  const NodeId exponential = builder.map(Function::kExp, {builder.map(Function::kSubtract, {a, largest})});
  return builder.map(Function::kDivide, {exponential, builder.sum(exponential)});
}

// centred / sqrt(variance + epsilon)
NodeId divide_by_deviation(GraphBuilder& builder, NodeId centred, NodeId variance, double epsilon) {
  const NodeId shifted = builder.map(Function::kAdd, {variance, builder.number(epsilon)});
  const NodeId deviation = builder.map(Function::kSqrt, {shifted});
  return builder.map(Function::kMultiply, {centred, builder.map(Function::kDivide, {builder.number(1), deviation})});
}

// Of the elements of a row; Ba, Kiros & Hinton 2016, without gain and shift.
NodeId layer_norm(GraphBuilder& builder, NodeId a) {
  const NodeId centred = builder.map(Function::kSubtract, {a, mean(builder, a)});
  const NodeId variance = mean(builder, builder.map(Function::kMultiply, {centred, centred}));
  return divide_by_deviation(builder, centred, variance, kLayerNormEpsilon);
}

// Of the rows of a tick, each unit by itself; Cooijmans et al. 2016, without gain and shift. The statistics are named
// by their number in the cell: batch_norm.1.mean.
NodeId batch_norm(GraphBuilder& builder, NodeId a) {
  const auto stored = std::ranges::count_if(builder.graph().parameters, &ParameterDeclaration::per_tick);
  const std::string name = fmt::format("batch_norm.{}", stored / 2 + 1);
  const NodeId centred = builder.map(Function::kSubtract, {a, builder.tick_mean(a, name + ".mean", 0)});
  const NodeId square = builder.map(Function::kMultiply, {centred, centred});
  return divide_by_deviation(builder, centred, builder.tick_mean(square, name + ".variance", 1), kBatchNormEpsilon);
}

NodeId clip(GraphBuilder& builder, NodeId a, NodeId low, NodeId high) {
  return builder.map(Function::kMin, {builder.map(Function::kMax, {a, low}), high});
}

// clip(a / 6 + 1/2, 0, 1), the form of PyTorch and Keras 3.
NodeId hard_sigmoid(GraphBuilder& builder, NodeId a) {
  const NodeId sixth = builder.map(Function::kMultiply, {a, builder.number(1.0 / 6.0)});
  const NodeId line = builder.map(Function::kAdd, {sixth, builder.number(0.5)});
  return clip(builder, line, builder.number(0), builder.number(1));
}

// a / 2 (1 + tanh(sqrt(2 / pi) (a + 0.044715 a^3))), the tanh form of Hendrycks & Gimpel 2016.
NodeId gelu(GraphBuilder& builder, NodeId a) {
  const NodeId square = builder.map(Function::kMultiply, {a, a});
  const NodeId cube = builder.map(Function::kMultiply, {square, a});
  const NodeId small = builder.map(Function::kMultiply, {cube, builder.number(0.044715)});
  const double slope = std::sqrt(2 / std::numbers::pi);
  const NodeId inner =
      builder.map(Function::kMultiply, {builder.map(Function::kAdd, {a, small}), builder.number(slope)});
  const NodeId one_plus = builder.map(Function::kAdd, {builder.map(Function::kTanh, {inner}), builder.number(1)});
  const NodeId half = builder.map(Function::kMultiply, {a, builder.number(0.5)});
  return builder.map(Function::kMultiply, {half, one_plus});
}

NodeId negate(GraphBuilder& builder, NodeId a) { return builder.map(Function::kNegate, {a}); }

NodeId whole_power(GraphBuilder& builder, NodeId base, Index exponent) {
  NodeId result = kNoNode;
  for (NodeId square = base; exponent > 0; exponent /= 2) {
    if (exponent % 2 == 1) result = result == kNoNode ? square : builder.map(Function::kMultiply, {result, square});
    if (exponent > 1) square = builder.map(Function::kMultiply, {square, square});
  }
  return result;
}

}  // namespace

NodeId build_function(GraphBuilder& builder, Builtin function, const std::vector<NodeId>& arguments) {
  const NodeId a = arguments[0];
  const bool is_binary = arguments.size() == 2;
  switch (function) {
    case Builtin::kSigmoid: return builder.map(Function::kSigmoid, {a});
    case Builtin::kTanh: return builder.map(Function::kTanh, {a});
    case Builtin::kRelu: return builder.map(Function::kRelu, {a});
    case Builtin::kSoftplus: return builder.map(Function::kSoftplus, {a});
    case Builtin::kExp: return builder.map(Function::kExp, {a});
    case Builtin::kLog: return builder.map(Function::kLog, {a});
    case Builtin::kSqrt: return builder.map(Function::kSqrt, {a});
    case Builtin::kAbs: return builder.map(Function::kMax, {a, negate(builder, a)});
    case Builtin::kSquare: return builder.map(Function::kMultiply, {a, a});
    case Builtin::kSoftmax: return softmax(builder, a);
    case Builtin::kSum: return builder.sum(a);
    case Builtin::kMean: return mean(builder, a);
    case Builtin::kMax: return is_binary ? builder.map(Function::kMax, arguments) : builder.row_max(a);
    case Builtin::kMin:
      return is_binary ? builder.map(Function::kMin, arguments) : negate(builder, builder.row_max(negate(builder, a)));
    case Builtin::kDot: return builder.sum(builder.map(Function::kMultiply, arguments));
    case Builtin::kLayerNorm: return layer_norm(builder, a);
    case Builtin::kBatchNorm: return batch_norm(builder, a);
    case Builtin::kHardSigmoid: return hard_sigmoid(builder, a);
    case Builtin::kSilu: return builder.map(Function::kMultiply, {a, builder.map(Function::kSigmoid, {a})});
    case Builtin::kGelu: return gelu(builder, a);
    case Builtin::kClip: return clip(builder, a, arguments[1], arguments[2]);
    case Builtin::kClipGradient: return builder.clip_gradient(a, builder.number_of(arguments[1]));
    case Builtin::kStopGradient: return builder.stop_gradient(a);
    case Builtin::kOuter:
    case Builtin::kCosine:
    case Builtin::kShift:
    case Builtin::kAttend: break;
  }
  return kNoNode;
}

NodeId build_power(GraphBuilder& builder, NodeId base, NodeId exponent) {
  if (builder.is_number(exponent) && builder.is_number(base)) {
    return builder.number(std::pow(builder.number_of(base), builder.number_of(exponent)));
  }
  if (builder.is_number(exponent)) {
    const double value = builder.number_of(exponent);
    if (value == std::floor(value) && std::abs(value) <= kLargestWholeExponent) {
      if (value == 0) return builder.spread(builder.number(1), builder.size(base));
      const NodeId power = whole_power(builder, base, static_cast<Index>(std::abs(value)));
      return value > 0 ? power : builder.map(Function::kDivide, {builder.number(1), power});
    }
  }
  return builder.map(Function::kExp,
                     {builder.map(Function::kMultiply, {exponent, builder.map(Function::kLog, {base})})});
}

}  // namespace unfold::recurrence
