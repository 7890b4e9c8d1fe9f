// Loads and stores of the last, incomplete vector of a row. Included once per instruction set.
#if defined(UNFOLD_TENSOR_KERNELS_LANES_INL_H) == defined(HWY_TARGET_TOGGLE)
#ifdef UNFOLD_TENSOR_KERNELS_LANES_INL_H
#undef UNFOLD_TENSOR_KERNELS_LANES_INL_H
#else
#define UNFOLD_TENSOR_KERNELS_LANES_INL_H
#endif

#include <hwy/highway.h>

#include "unfold/tensor.h"

HWY_BEFORE_NAMESPACE();
namespace unfold::kernels::HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;

using Floats = hn::ScalableTag<float>;
using Vector = hn::Vec<Floats>;

/// Floats in a vector.
HWY_INLINE Index lanes() { return static_cast<Index>(hn::Lanes(Floats())); }

/// The first `count` < lanes() elements at `from`, then zeros. Reads nothing behind them.
HWY_INLINE Vector load_first(const float* from, Index count) {
  const Floats d;
#if HWY_MEM_OPS_MIGHT_FAULT
  HWY_ALIGN float buffer[hn::MaxLanes(d)] = {};
  for (Index i = 0; i < count; ++i) buffer[i] = from[i];
  return hn::Load(d, buffer);
#else
  return hn::MaskedLoad(hn::FirstN(d, static_cast<std::size_t>(count)), d, from);
#endif
}

/// Stores the first `count` < lanes() elements. Writes nothing behind them.
HWY_INLINE void store_first(Vector v, float* to, Index count) {
  const Floats d;
#if HWY_MEM_OPS_MIGHT_FAULT
  HWY_ALIGN float buffer[hn::MaxLanes(d)];
  hn::Store(v, d, buffer);
  for (Index i = 0; i < count; ++i) to[i] = buffer[i];
#else
  hn::BlendedStore(v, hn::FirstN(d, static_cast<std::size_t>(count)), d, to);
#endif
}

/// The first `count` elements of v, the others replaced by `filling`.
HWY_INLINE Vector keep_first(Vector v, Index count, float filling) {
  const Floats d;
  return hn::IfThenElse(hn::FirstN(d, static_cast<std::size_t>(count)), v, hn::Set(d, filling));
}

}  // namespace unfold::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif
