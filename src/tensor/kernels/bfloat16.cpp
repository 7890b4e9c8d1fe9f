#include "tensor/kernels/bfloat16.h"

#include <algorithm>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "tensor/kernels/bfloat16.cpp"
#include <hwy/foreach_target.h>
// After foreach_target.h:
#include <hwy/highway.h>

#include "base/threads.h"
#include "tensor/kernels/bfloat16_naive.h"
#include "tensor/kernels/choice.h"
#include "tensor/kernels/lanes-inl.h"

HWY_BEFORE_NAMESPACE();
namespace unfold::kernels::HWY_NAMESPACE {
namespace {

using Bits = hn::RebindToUnsigned<Floats>;
using Halves = hn::Rebind<Bfloat16, Floats>;

/// The twin of naive::round_to_bfloat16, on vectors.
HWY_INLINE hn::Vec<Halves> round_vector(Vector value) {
  const Bits d;
  const auto bits = hn::BitCast(d, value);
  const auto odd = hn::And(hn::ShiftRight<16>(bits), hn::Set(d, 1U));
  const auto rounded = hn::ShiftRight<16>(hn::Add(hn::Add(bits, hn::Set(d, 0x7fffU)), odd));
  const auto nan = hn::Or(hn::ShiftRight<16>(bits), hn::Set(d, 0x40U));
  const auto is_nan = hn::RebindMask(d, hn::IsNaN(value));
  return hn::TruncateTo(Halves(), hn::IfThenElse(is_nan, nan, rounded));
}

void round_row(const float* from, Bfloat16* to, Index count) {
  Index j = 0;
  for (; j + lanes() <= count; j += lanes()) {
    hn::StoreU(round_vector(hn::LoadU(Floats(), from + j)), Halves(), to + j);
  }
  if (j < count) naive::round_rows(from + j, 0, to + j, 0, 1, count - j);
}

void round_rows(const float* from, Index from_stride, Bfloat16* to, Index to_stride, Index rows, Index columns) {
  for (Index i = 0; i < rows; ++i) round_row(from + i * from_stride, to + i * to_stride, columns);
}

}  // namespace
}  // namespace unfold::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace unfold::kernels {

HWY_EXPORT(round_rows);

void round_rows(const float* from, Index from_stride, Bfloat16* to, Index to_stride, Index rows, Index columns) {
  if (naive_kernels()) return naive::round_rows(from, from_stride, to, to_stride, rows, columns);
  limit_instruction_set();
  HWY_DYNAMIC_DISPATCH(round_rows)(from, from_stride, to, to_stride, rows, columns);
}

BasicTensor<Bfloat16> rounded(const float* from, Index from_stride, Index rows, Index columns) {
  constexpr Index kRowTile = 64;
  auto result = BasicTensor<Bfloat16>::uninitialised({rows, columns});
  parallel((rows + kRowTile - 1) / kRowTile, [&](Index tile) {
    const Index begin = tile * kRowTile;
    round_rows(from + begin * from_stride, from_stride, result.data() + begin * columns, columns,
               std::min(kRowTile, rows - begin), columns);
  });
  return result;
}

}  // namespace unfold::kernels
#endif
