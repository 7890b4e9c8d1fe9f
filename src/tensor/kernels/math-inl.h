// Exponential, logarithm and what is made of them, for vectors of floats. Included once per instruction set.
//
// Largest errors where the result is a normal number, in units of the last place, on every instruction set (the test of
// map.h holds them to it on dense grids): exp 1.5, log 2, sigmoid and tanh 2.5, softplus 3. NaN gives NaN; infinities
// give the limits; exp overflows to infinity and falls through the denormals to zero as it should.
//
// The range reductions are the classical ones (Cody & Waite 1980); the polynomials are weighted minimax fits of
// relative error, made for these files.
#if defined(UNFOLD_TENSOR_KERNELS_MATH_INL_H) == defined(HWY_TARGET_TOGGLE)
#ifdef UNFOLD_TENSOR_KERNELS_MATH_INL_H
#undef UNFOLD_TENSOR_KERNELS_MATH_INL_H
#else
#define UNFOLD_TENSOR_KERNELS_MATH_INL_H
#endif

#include <limits>

#include "tensor/kernels/lanes-inl.h"

HWY_BEFORE_NAMESPACE();
namespace unfold::kernels::HWY_NAMESPACE {

using Integers = hn::RebindToSigned<Floats>;
using IntegerVector = hn::Vec<Integers>;

HWY_INLINE Vector constant(float value) { return hn::Set(Floats(), value); }

/// `result`, but NaN where x is.
HWY_INLINE Vector unless_nan(Vector x, Vector result) { return hn::IfThenElse(hn::IsNaN(x), x, result); }

#if HWY_ARCH_X86 && HWY_TARGET <= HWY_AVX3
// Instructions that Highway does not name do more at once: rounding to a whole number as a float, and multiplying by a
// power of two, down to the denormals. And minimum and maximum give their second operand where one is NaN.

HWY_INLINE Vector nearest_whole(Vector x) { return Vector{_mm512_roundscale_ps(x.raw, _MM_FROUND_TO_NEAREST_INT)}; }

/// x 2^n for whole n.
HWY_INLINE Vector times_power_of_two(Vector x, Vector n) { return Vector{_mm512_scalef_ps(x.raw, n.raw)}; }

/// x, but at least `low` and at most `high`; NaN stays NaN.
HWY_INLINE Vector clamp(Vector x, float low, float high) { return hn::Min(constant(high), hn::Max(constant(low), x)); }

/// `result` of a clamped x, but NaN where x is.
HWY_INLINE Vector unless_clamped_nan(Vector, Vector result) { return result; }

#else

HWY_INLINE Vector nearest_whole(Vector x) { return hn::ConvertTo(Floats(), hn::NearestInt(x)); }

/// 2^n for whole -126 <= n <= 127; infinity for n = 128.
HWY_INLINE Vector power_of_two(IntegerVector n) {
  return hn::BitCast(Floats(), hn::ShiftLeft<23>(hn::Add(n, hn::Set(Integers(), 127))));
}

/// x 2^n for whole -252 <= n <= 254, in two factors, as 2^n may be no normal number.
HWY_INLINE Vector times_power_of_two(Vector x, Vector n) {
  const IntegerVector whole = hn::ConvertTo(Integers(), n);
  const IntegerVector half = hn::ShiftRight<1>(whole);
  return hn::Mul(hn::Mul(x, power_of_two(half)), power_of_two(hn::Sub(whole, half)));
}

/// x, but at least `low` and at most `high`. What NaN becomes depends on the machine.
HWY_INLINE Vector clamp(Vector x, float low, float high) { return hn::Min(hn::Max(x, constant(low)), constant(high)); }

HWY_INLINE Vector unless_clamped_nan(Vector x, Vector result) { return unless_nan(x, result); }

#endif

// ln 2 in two parts: the first has few enough bits for a whole number times it to be exact.
inline constexpr float kLog2 = 0.693359375f, kLog2Rest = -2.12194440e-4f, kInverseLog2 = 1.44269504088896341f;

/// n whole, r what is left.
struct Reduced {
  Vector n, r;
};

/// x = n ln 2 + r with |r| <= ln 2 / 2.
HWY_INLINE Reduced reduce(Vector x) {
  const Vector n = nearest_whole(hn::Mul(x, constant(kInverseLog2)));
  const Vector r = hn::NegMulAdd(n, constant(kLog2), x);
  return {n, hn::NegMulAdd(n, constant(kLog2Rest), r)};
}

/// -x = n ln 2 + r with |r| <= ln 2 / 2.
HWY_INLINE Reduced reduce_negative(Vector x) {
  const Vector n = nearest_whole(hn::Mul(x, constant(-kInverseLog2)));
  const Vector r = hn::NegMulSub(n, constant(kLog2), x);
  return {n, hn::NegMulAdd(n, constant(kLog2Rest), r)};
}

/// 2 x = n ln 2 + 2 r with |r| <= ln 2 / 4.
HWY_INLINE Reduced reduce_twice(Vector x) {
  const Vector n = nearest_whole(hn::Mul(x, constant(2 * kInverseLog2)));
  const Vector r = hn::NegMulAdd(n, constant(kLog2 / 2), x);
  return {n, hn::NegMulAdd(n, constant(kLog2Rest / 2), r)};
}

/// exp(n ln 2 + r): 2^n (1 + r + r^2 Q(r)), Q of degree 4, relative error 1.4e-8.
HWY_INLINE Vector exp(Reduced reduced) {
  const Vector r = reduced.r;
  Vector q = hn::MulAdd(constant(0.0013882392086088657f), r, constant(0.008367186412215233f));
  q = hn::MulAdd(q, r, constant(0.04166722297668457f));
  q = hn::MulAdd(q, r, constant(0.16666539013385773f));
  q = hn::MulAdd(q, r, constant(0.4999999701976776f));
  q = hn::MulAdd(q, r, constant(1.0f));
  q = hn::MulAdd(q, r, constant(1.0f));
  return times_power_of_two(q, reduced.n);
}

/// (exp(2 r) - 1) / 2 for |r| <= ln 2 / 4: r + 2 r^2 Q(2 r) with the same Q, exact where r is small.
HWY_INLINE Vector half_expm1_twice(Vector r) {
  Vector q = hn::MulAdd(constant(0.0013882392086088657f * 32), r, constant(0.008367186412215233f * 16));
  q = hn::MulAdd(q, r, constant(0.04166722297668457f * 8));
  q = hn::MulAdd(q, r, constant(0.16666539013385773f * 4));
  q = hn::MulAdd(q, r, constant(0.4999999701976776f * 2));
  return hn::MulAdd(hn::Mul(r, r), q, r);
}

HWY_INLINE Vector exp(Vector x) {
  // Beyond these the result is zero or infinity.
  return unless_clamped_nan(x, exp(reduce(clamp(x, -104.0f, 89.0f))));
}

/// 1 / (1 + exp(-x)); zero below -88.4, where it is no normal number.
HWY_INLINE Vector sigmoid(Vector x) {
  const Vector divisor = hn::Add(exp(reduce_negative(clamp(x, -89.0f, 87.0f))), constant(1.0f));
  return unless_clamped_nan(x, hn::Div(constant(1.0f), divisor));
}

/// With e = (exp(2 x) - 1) / 2, e / (e + 1): accurate near zero, where e is. Of -0, whose e is 0, -0.
HWY_INLINE Vector tanh(Vector x) {
  // tanh(10) rounds to 1.
  const Reduced reduced = reduce_twice(clamp(x, -10.0f, 10.0f));
  const Vector scale = times_power_of_two(constant(1.0f), reduced.n);
  const Vector rest = hn::MulSub(scale, constant(0.5f), constant(0.5f));
  const Vector e = hn::MulAdd(scale, half_expm1_twice(reduced.r), rest);
  return unless_clamped_nan(x, hn::CopySign(hn::Div(e, hn::Add(e, constant(1.0f))), x));
}

/// log(1 + u) of s = u / (2 + u), |s| <= 1/3: 2 atanh(s) = 2 s + 2 s^3 P(s^2), P of degree 3, relative error 4.5e-9.
HWY_INLINE Vector twice_atanh(Vector s) {
  const Vector square = hn::Mul(s, s);
  Vector p = hn::MulAdd(constant(0.14012232422828674f), square, constant(0.13999569416046143f));
  p = hn::MulAdd(p, square, constant(0.20010849833488464f));
  p = hn::MulAdd(p, square, constant(0.3333320617675781f));
  const Vector twice = hn::Add(s, s);
  return hn::MulAdd(hn::Mul(twice, square), p, twice);
}

/// log(1 + exp(x)) = max(x, 0) + log(1 + u), u = exp(-|x|).
HWY_INLINE Vector softplus(Vector x) {
  const Vector u = exp(hn::Neg(hn::Abs(x)));
  const Vector tail = twice_atanh(hn::Div(u, hn::Add(u, constant(2.0f))));
  return unless_nan(x, hn::Add(hn::Max(x, constant(0.0f)), tail));
}

/// x = 2^n m with m in [sqrt(1/2), sqrt(2)); log(x) = n ln 2 + log(m).
HWY_INLINE Vector log(Vector x) {
  const Floats d;
  const Integers di;
  // Denormals are made normal first.
  const auto is_small = hn::Lt(x, constant(std::numeric_limits<float>::min()));
  const Vector scaled = hn::IfThenElse(is_small, hn::Mul(x, constant(33554432.0f)), x);  // 2^25
  const Vector shift = hn::IfThenElseZero(is_small, constant(-25.0f));
  const IntegerVector sqrt_half = hn::Set(di, 0x3f3504f3);
  const IntegerVector above = hn::Sub(hn::BitCast(di, scaled), sqrt_half);
  const Vector n = hn::Add(hn::ConvertTo(d, hn::ShiftRight<23>(above)), shift);
  const IntegerVector fraction = hn::And(above, hn::Set(di, 0x007fffff));
  const Vector f = hn::Sub(hn::BitCast(d, hn::Add(fraction, sqrt_half)), constant(1.0f));
  // ln 2 in two parts, as above; the small one joins the small summand.
  const Vector low = hn::MulAdd(n, constant(-2.12194440e-4f), twice_atanh(hn::Div(f, hn::Add(f, constant(2.0f)))));
  Vector result = hn::MulAdd(n, constant(0.693359375f), low);

  const Vector infinity = hn::Inf(d);
  result = hn::IfThenElse(hn::Eq(x, infinity), infinity, result);
  result = hn::IfThenElse(hn::Eq(x, constant(0.0f)), hn::Neg(infinity), result);
  result = hn::IfThenElse(hn::Lt(x, constant(0.0f)), hn::NaN(d), result);
  return unless_nan(x, result);
}

}  // namespace unfold::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif
