// The elementwise functions on vectors and on rows. Included once per instruction set.
#if defined(UNFOLD_TENSOR_KERNELS_MAP_INL_H) == defined(HWY_TARGET_TOGGLE)
#ifdef UNFOLD_TENSOR_KERNELS_MAP_INL_H
#undef UNFOLD_TENSOR_KERNELS_MAP_INL_H
#else
#define UNFOLD_TENSOR_KERNELS_MAP_INL_H
#endif

#include "tensor/kernels/functions.h"
#include "tensor/kernels/math-inl.h"

HWY_BEFORE_NAMESPACE();
namespace unfold::kernels::HWY_NAMESPACE {

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
  if constexpr (kFunction == Function::kSigmoidSlope) return hn::Mul(hn::Mul(a, b), hn::Sub(constant(1.0f), b));
  if constexpr (kFunction == Function::kTanhSlope) return hn::Mul(a, hn::NegMulAdd(b, b, constant(1.0f)));
  if constexpr (kFunction == Function::kReluSlope) return hn::IfThenElseZero(hn::Gt(b, zero), a);
  if constexpr (kFunction == Function::kSelectGreaterEqual) return hn::IfThenElseZero(hn::Ge(b, c), a);
  if constexpr (kFunction == Function::kSelectGreater) return hn::IfThenElseZero(hn::Gt(b, c), a);
  if constexpr (kFunction == Function::kSelectEqual) return hn::IfThenElseZero(hn::Eq(b, c), a);
  if constexpr (kFunction == Function::kMultiplyAdd) return hn::MulAdd(a, b, c);
  if constexpr (kFunction == Function::kMultiplySubtract) return hn::MulSub(a, b, c);
  if constexpr (kFunction == Function::kAddThree) return hn::Add(hn::Add(a, b), c);
  if constexpr (kFunction == Function::kSigmoidOfSum) return sigmoid(hn::Add(hn::Add(a, b), c));
  if constexpr (kFunction == Function::kTanhOfSum) return tanh(hn::Add(hn::Add(a, b), c));
  if constexpr (kFunction == Function::kSigmoidOfMultiplyAdd) return sigmoid(hn::MulAdd(a, b, c));
  if constexpr (kFunction == Function::kTanhOfMultiplyAdd) return tanh(hn::MulAdd(a, b, c));
  if constexpr (kFunction == Function::kSigmoidSlopeOfProduct) {
    return apply<Function::kSigmoidSlope>(hn::Mul(a, b), c, zero);
  }
  if constexpr (kFunction == Function::kTanhSlopeOfProduct) return apply<Function::kTanhSlope>(hn::Mul(a, b), c, zero);
  if constexpr (kFunction == Function::kReluOfSum) return apply<Function::kRelu>(hn::Add(hn::Add(a, b), c), zero, zero);
  if constexpr (kFunction == Function::kSigmoidSlopeOfSum)
    return apply<Function::kSigmoidSlope>(hn::Add(a, b), c, zero);
  if constexpr (kFunction == Function::kTanhSlopeOfSum) return apply<Function::kTanhSlope>(hn::Add(a, b), c, zero);
  if constexpr (kFunction == Function::kReluSlopeOfSum) return apply<Function::kReluSlope>(hn::Add(a, b), c, zero);
}

/// destination = function(a, b, c) for `count` elements; operands a function does not have may be null.
template <Function kFunction, int kArity>
HWY_INLINE void map(float* destination, const float* a, const float* b, const float* c, Index count) {
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

/// Calls visit.operator()<function, its number of operands>().
template <class Visit>
HWY_INLINE void for_function(Function function, const Visit& visit) {
  switch (function) {
    case Function::kIdentity: return visit.template operator()<Function::kIdentity, 1>();
    case Function::kNegate: return visit.template operator()<Function::kNegate, 1>();
    case Function::kSigmoid: return visit.template operator()<Function::kSigmoid, 1>();
    case Function::kTanh: return visit.template operator()<Function::kTanh, 1>();
    case Function::kRelu: return visit.template operator()<Function::kRelu, 1>();
    case Function::kSoftplus: return visit.template operator()<Function::kSoftplus, 1>();
    case Function::kExp: return visit.template operator()<Function::kExp, 1>();
    case Function::kLog: return visit.template operator()<Function::kLog, 1>();
    case Function::kSqrt: return visit.template operator()<Function::kSqrt, 1>();
    case Function::kAdd: return visit.template operator()<Function::kAdd, 2>();
    case Function::kSubtract: return visit.template operator()<Function::kSubtract, 2>();
    case Function::kMultiply: return visit.template operator()<Function::kMultiply, 2>();
    case Function::kDivide: return visit.template operator()<Function::kDivide, 2>();
    case Function::kMax: return visit.template operator()<Function::kMax, 2>();
    case Function::kMin: return visit.template operator()<Function::kMin, 2>();
    case Function::kSigmoidSlope: return visit.template operator()<Function::kSigmoidSlope, 2>();
    case Function::kTanhSlope: return visit.template operator()<Function::kTanhSlope, 2>();
    case Function::kReluSlope: return visit.template operator()<Function::kReluSlope, 2>();
    case Function::kSelectGreaterEqual: return visit.template operator()<Function::kSelectGreaterEqual, 3>();
    case Function::kSelectGreater: return visit.template operator()<Function::kSelectGreater, 3>();
    case Function::kSelectEqual: return visit.template operator()<Function::kSelectEqual, 3>();
    case Function::kMultiplyAdd: return visit.template operator()<Function::kMultiplyAdd, 3>();
    case Function::kMultiplySubtract: return visit.template operator()<Function::kMultiplySubtract, 3>();
    case Function::kAddThree: return visit.template operator()<Function::kAddThree, 3>();
    case Function::kSigmoidOfSum: return visit.template operator()<Function::kSigmoidOfSum, 3>();
    case Function::kTanhOfSum: return visit.template operator()<Function::kTanhOfSum, 3>();
    case Function::kSigmoidOfMultiplyAdd: return visit.template operator()<Function::kSigmoidOfMultiplyAdd, 3>();
    case Function::kTanhOfMultiplyAdd: return visit.template operator()<Function::kTanhOfMultiplyAdd, 3>();
    case Function::kSigmoidSlopeOfProduct: return visit.template operator()<Function::kSigmoidSlopeOfProduct, 3>();
    case Function::kTanhSlopeOfProduct: return visit.template operator()<Function::kTanhSlopeOfProduct, 3>();
    case Function::kReluOfSum: return visit.template operator()<Function::kReluOfSum, 3>();
    case Function::kSigmoidSlopeOfSum: return visit.template operator()<Function::kSigmoidSlopeOfSum, 3>();
    case Function::kTanhSlopeOfSum: return visit.template operator()<Function::kTanhSlopeOfSum, 3>();
    case Function::kReluSlopeOfSum: return visit.template operator()<Function::kReluSlopeOfSum, 3>();
  }
}

}  // namespace unfold::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif
