// The elementwise functions that equations are reduced to; everything else (softmax, layer_norm, gelu, clip, ...)
// is composed of these when the graph is built. `apply` is the definition of right, for float and double.
#pragma once

#include <cmath>
#include <cstdint>

namespace unfold::kernels {

/// a, b, c are the operands in order. The `..._slope` functions multiply a gradient d = a by a derivative that is
/// written in the function's own result y = b, which backward has kept anyway. The last ones are two or three functions
/// in one, made when a plan is compiled (fusions.h); but for a product in a sum they round as those do one after
/// another.
enum class Function : std::uint8_t {
  kIdentity,               // a
  kNegate,                 // -a
  kSigmoid,                // 1 / (1 + exp(-a))
  kTanh,                   // tanh(a)
  kRelu,                   // max(a, 0); NaN stays NaN
  kSoftplus,               // log(1 + exp(a))
  kExp,                    // exp(a)
  kLog,                    // log(a)
  kSqrt,                   // sqrt(a)
  kAdd,                    // a + b
  kSubtract,               // a - b
  kMultiply,               // a * b
  kDivide,                 // a / b
  kMax,                    // max(a, b); NaN if either is
  kMin,                    // min(a, b); NaN if either is
  kSigmoidSlope,           // a * b * (1 - b)
  kTanhSlope,              // a * (1 - b * b)
  kReluSlope,              // b > 0 ? a : 0
  kSelectGreaterEqual,     // b >= c ? a : 0
  kSelectGreater,          // b > c ? a : 0
  kSelectEqual,            // b == c ? a : 0
  kMultiplyAdd,            // a * b + c, which may round once
  kMultiplySubtract,       // a * b - c, which may round once
  kAddThree,               // a + b + c
  kSigmoidOfSum,           // sigmoid(a + b + c)
  kTanhOfSum,              // tanh(a + b + c)
  kSigmoidOfMultiplyAdd,   // sigmoid(a * b + c)
  kTanhOfMultiplyAdd,      // tanh(a * b + c)
  kSigmoidSlopeOfProduct,  // (a * b) * c * (1 - c)
  kTanhSlopeOfProduct,     // (a * b) * (1 - c * c)
  kReluOfSum,              // relu(a + b + c)
  kSigmoidSlopeOfSum,      // (a + b) * c * (1 - c)
  kTanhSlopeOfSum,         // (a + b) * (1 - c * c)
  kReluSlopeOfSum,         // c > 0 ? a + b : 0
};

inline constexpr int kFunctionCount = static_cast<int>(Function::kReluSlopeOfSum) + 1;

/// Number of operands of a function: 1, 2 or 3.
int arity(Function function);
/// Its name in plans and messages: "sigmoid", "add", "sigmoid_slope".
const char* name(Function function);

template <class Real>
Real apply(Function function, Real a, Real b, Real c) {
  switch (function) {
    case Function::kIdentity: return a;
    case Function::kNegate: return -a;
    case Function::kSigmoid: return Real(1) / (Real(1) + std::exp(-a));
    case Function::kTanh: return std::tanh(a);
    case Function::kRelu: return a <= Real(0) ? Real(0) : a;
    case Function::kSoftplus: return std::log1p(std::exp(-std::abs(a))) + (a > Real(0) ? a : Real(0));
    case Function::kExp: return std::exp(a);
    case Function::kLog: return std::log(a);
    case Function::kSqrt: return std::sqrt(a);
    case Function::kAdd: return a + b;
    case Function::kSubtract: return a - b;
    case Function::kMultiply: return a * b;
    case Function::kDivide: return a / b;
    case Function::kMax: return a >= b || std::isnan(a) ? a : b;
    case Function::kMin: return a <= b || std::isnan(a) ? a : b;
    case Function::kSigmoidSlope: return a * b * (Real(1) - b);
    case Function::kTanhSlope: return a * (Real(1) - b * b);
    case Function::kReluSlope: return b > Real(0) ? a : Real(0);
    case Function::kSelectGreaterEqual: return b >= c ? a : Real(0);
    case Function::kSelectGreater: return b > c ? a : Real(0);
    case Function::kSelectEqual: return b == c ? a : Real(0);
    case Function::kMultiplyAdd: return a * b + c;
    case Function::kMultiplySubtract: return a * b - c;
    case Function::kAddThree: return a + b + c;
    case Function::kSigmoidOfSum: return apply(Function::kSigmoid, a + b + c, Real(0), Real(0));
    case Function::kTanhOfSum: return std::tanh(a + b + c);
    case Function::kSigmoidOfMultiplyAdd: return apply(Function::kSigmoid, a * b + c, Real(0), Real(0));
    case Function::kTanhOfMultiplyAdd: return std::tanh(a * b + c);
    case Function::kSigmoidSlopeOfProduct: return apply(Function::kSigmoidSlope, a * b, c, Real(0));
    case Function::kTanhSlopeOfProduct: return apply(Function::kTanhSlope, a * b, c, Real(0));
    case Function::kReluOfSum: return apply(Function::kRelu, a + b + c, Real(0), Real(0));
    case Function::kSigmoidSlopeOfSum: return apply(Function::kSigmoidSlope, a + b, c, Real(0));
    case Function::kTanhSlopeOfSum: return apply(Function::kTanhSlope, a + b, c, Real(0));
    case Function::kReluSlopeOfSum: return apply(Function::kReluSlope, a + b, c, Real(0));
  }
  return a;
}

}  // namespace unfold::kernels
