// Philox 4x32-10 (base/random.h) for as many counters at once as a vector has 32-bit lanes.
#include "tensor/kernels/random_mask.h"

#include <cmath>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "tensor/kernels/random_mask.cpp"
#include <hwy/foreach_target.h>
// After foreach_target.h:
#include <hwy/highway.h>

#include "base/philox.h"
#include "tensor/kernels/choice.h"
#include "tensor/kernels/lanes-inl.h"
#include "tensor/kernels/random_mask_naive.h"

HWY_BEFORE_NAMESPACE();
namespace unfold::kernels::HWY_NAMESPACE {
namespace {

#if HWY_TARGET == HWY_SCALAR

Index draw_whole_vectors(const MaskNumbers&, std::uint32_t, float, Index, float*) { return 0; }

#else

using Words = hn::ScalableTag<std::uint64_t>;  // the lower half of each lane counts; the upper one is arbitrary
using Bits = hn::RebindToUnsigned<Floats>;
using WordVector = hn::Vec<Words>;

/// The four words of every other counter.
struct Block {
  WordVector x0, x1, x2, x3;
};

HWY_INLINE WordVector product(std::uint64_t multiplier, WordVector x) {
  return hn::MulEven(hn::BitCast(Bits(), hn::Set(Words(), multiplier)), hn::BitCast(Bits(), x));
}

HWY_INLINE void advance(Block& block, WordVector key0, WordVector key1) {
  const WordVector product0 = product(philox_constants::kMultiplier0, block.x0);
  const WordVector product1 = product(philox_constants::kMultiplier1, block.x2);
  block.x0 = hn::Xor(hn::Xor(hn::ShiftRight<32>(product1), block.x1), key0);
  block.x1 = product1;
  block.x2 = hn::Xor(hn::Xor(hn::ShiftRight<32>(product0), block.x3), key1);
  block.x3 = product0;
}

/// Word by word: lane 2 j from lane j of `even`, lane 2 j + 1 from that of `odd`.
HWY_INLINE hn::Vec<Bits> merged(WordVector even, WordVector odd) {
  const WordVector lower = hn::And(even, hn::Set(Words(), 0xffffffffULL));
  return hn::BitCast(Bits(), hn::Or(lower, hn::ShiftLeft<32>(odd)));
}

/// Returns how many values it wrote: all that fill whole vectors.
Index draw_whole_vectors(const MaskNumbers& numbers, std::uint32_t limit, float kept, Index count, float* values) {
  const Words d;
  const auto twice = hn::ShiftLeft<1>(hn::Iota(d, 0));
  const auto ahead = numbers.apart == 4 ? hn::ShiftLeft<2>(twice) : twice;
  const auto bound = hn::Set(Bits(), limit);
  const auto value_of = [&](WordVector even, WordVector odd) {
    return hn::IfThenZeroElse(hn::RebindMask(Floats(), hn::Lt(merged(even, odd), bound)), hn::Set(Floats(), kept));
  };
  Index i = 0;
  for (; i + 4 * lanes() <= count; i += 4 * lanes()) {
    const auto begin = [&](std::uint64_t first) {
      const auto counters = hn::Add(ahead, hn::Set(d, (static_cast<std::uint64_t>(i / 4) + first) * numbers.apart));
      return Block{counters, hn::ShiftRight<32>(counters), hn::Set(d, numbers.high), hn::Set(d, numbers.high >> 32)};
    };
    Block even = begin(0), odd = begin(1);
    auto key0 = static_cast<std::uint32_t>(numbers.key), key1 = static_cast<std::uint32_t>(numbers.key >> 32);
    for (int round = 0; round < philox_constants::kRounds; ++round) {
      const auto k0 = hn::Set(d, std::uint64_t{key0}), k1 = hn::Set(d, std::uint64_t{key1});
      advance(even, k0, k1);
      advance(odd, k0, k1);
      key0 += philox_constants::kWeyl0;
      key1 += philox_constants::kWeyl1;
    }
    hn::StoreInterleaved4(value_of(even.x0, odd.x0), value_of(even.x1, odd.x1), value_of(even.x2, odd.x2),
                          value_of(even.x3, odd.x3), Floats(), values + i);
  }
  return i;
}

#endif

}  // namespace
}  // namespace unfold::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace unfold::kernels {

HWY_EXPORT(draw_whole_vectors);

void draw_mask(const MaskNumbers& numbers, double rate, float kept, Index count, float* values) {
  const double limit =
      std::ceil(rate * 0x1p32);  // a whole number is below the rate's if it is below the next whole one
  Index done = 0;
  if (!naive_kernels() && limit < 0x1p32) {
    limit_instruction_set();
    done = HWY_DYNAMIC_DISPATCH(draw_whole_vectors)(numbers, static_cast<std::uint32_t>(limit), kept, count, values);
  }
  naive::draw_mask(numbers, rate, kept, done, count, values);
}

}  // namespace unfold::kernels
#endif
