// One Highway loop per elementwise function, compiled for every instruction set and chosen at run time.
#include "tensor/kernels/map.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "tensor/kernels/map.cpp"
#include <hwy/foreach_target.h>
// After foreach_target.h:
#include <hwy/highway.h>

#include "tensor/kernels/choice.h"
#include "tensor/kernels/math-inl.h"

HWY_BEFORE_NAMESPACE();
namespace unfold::kernels::HWY_NAMESPACE {
namespace {

/// The function on vectors, the twin of `apply`. Operands it does not have are not looked at.
template <Function kFunction>
HWY_INLINE Vector apply(Vector a, Vector b, Vector c) {
  const Vector zero = constant(0.0f);
  if constexpr (kFunction == Function::kIdentity) return a;
  if constexpr (kFunction == Function::kNegate) return hn::Neg(a);
  if constexpr (kFunction == Function::kSigmoid) return sigmoid(a);
  if constexpr (kFunction == Function::kTanh) return tanh(a);
  if constexpr (kFunction == Function::kRelu) return hn::IfThenZeroElse(hn::Le(a, zero), a);
  if constexpr (kFunction == Function::kSoftplus) return softplus(a);
  if constexpr (kFunction == Function::kExp) return exp(a);
  if constexpr (kFunction == Function::kLog) return log(a);
  if constexpr (kFunction == Function::kSqrt) return hn::Sqrt(a);
  if constexpr (kFunction == Function::kAdd) return hn::Add(a, b);
  if constexpr (kFunction == Function::kSubtract) return hn::Sub(a, b);
  if constexpr (kFunction == Function::kMultiply) return hn::Mul(a, b);
  if constexpr (kFunction == Function::kDivide) return hn::Div(a, b);
  if constexpr (kFunction == Function::kMax) return hn::IfThenElse(hn::Or(hn::Ge(a, b), hn::IsNaN(a)), a, b);
  if constexpr (kFunction == Function::kMin) return hn::IfThenElse(hn::Or(hn::Le(a, b), hn::IsNaN(a)), a, b);
  if constexpr (kFunction == Function::kMultiplyAdd) return hn::MulAdd(a, b, c);
  if constexpr (kFunction == Function::kSigmoidSlope) return hn::Mul(hn::Mul(a, b), hn::Sub(constant(1.0f), b));
  if constexpr (kFunction == Function::kTanhSlope) return hn::Mul(a, hn::NegMulAdd(b, b, constant(1.0f)));
  if constexpr (kFunction == Function::kReluSlope) return hn::IfThenElseZero(hn::Gt(b, zero), a);
  if constexpr (kFunction == Function::kSelectGreaterEqual) return hn::IfThenElseZero(hn::Ge(b, c), a);
  if constexpr (kFunction == Function::kSelectGreater) return hn::IfThenElseZero(hn::Gt(b, c), a);
  if constexpr (kFunction == Function::kSelectEqual) return hn::IfThenElseZero(hn::Eq(b, c), a);
}

template <Function kFunction, int kArity>
void map(float* destination, const float* a, const float* b, const float* c, Index count) {
  const Floats d;
  const Vector none = constant(0.0f);
  Index i = 0;
  for (; i + lanes() <= count; i += lanes()) {
    const Vector va = hn::LoadU(d, a + i);
    const Vector vb = kArity >= 2 ? hn::LoadU(d, b + i) : none;
    const Vector vc = kArity >= 3 ? hn::LoadU(d, c + i) : none;
    hn::StoreU(apply<kFunction>(va, vb, vc), d, destination + i);
  }
  if (i == count) return;
  const Vector va = load_first(a + i, count - i);
  const Vector vb = kArity >= 2 ? load_first(b + i, count - i) : none;
  const Vector vc = kArity >= 3 ? load_first(c + i, count - i) : none;
  store_first(apply<kFunction>(va, vb, vc), destination + i, count - i);
}

MapKernel map_kernel(Function function) {
  switch (function) {
    case Function::kIdentity: return map<Function::kIdentity, 1>;
    case Function::kNegate: return map<Function::kNegate, 1>;
    case Function::kSigmoid: return map<Function::kSigmoid, 1>;
    case Function::kTanh: return map<Function::kTanh, 1>;
    case Function::kRelu: return map<Function::kRelu, 1>;
    case Function::kSoftplus: return map<Function::kSoftplus, 1>;
    case Function::kExp: return map<Function::kExp, 1>;
    case Function::kLog: return map<Function::kLog, 1>;
    case Function::kSqrt: return map<Function::kSqrt, 1>;
    case Function::kAdd: return map<Function::kAdd, 2>;
    case Function::kSubtract: return map<Function::kSubtract, 2>;
    case Function::kMultiply: return map<Function::kMultiply, 2>;
    case Function::kDivide: return map<Function::kDivide, 2>;
    case Function::kMax: return map<Function::kMax, 2>;
    case Function::kMin: return map<Function::kMin, 2>;
    case Function::kMultiplyAdd: return map<Function::kMultiplyAdd, 3>;
    case Function::kSigmoidSlope: return map<Function::kSigmoidSlope, 2>;
    case Function::kTanhSlope: return map<Function::kTanhSlope, 2>;
    case Function::kReluSlope: return map<Function::kReluSlope, 2>;
    case Function::kSelectGreaterEqual: return map<Function::kSelectGreaterEqual, 3>;
    case Function::kSelectGreater: return map<Function::kSelectGreater, 3>;
    case Function::kSelectEqual: return map<Function::kSelectEqual, 3>;
  }
  return nullptr;
}

}  // namespace
}  // namespace unfold::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace unfold::kernels {

HWY_EXPORT(map_kernel);

MapKernel map_kernel(Function function) {
  if (naive_kernels()) return naive_map_kernel(function);
  limit_instruction_set();
  return HWY_DYNAMIC_DISPATCH(map_kernel)(function);
}

}  // namespace unfold::kernels
#endif
