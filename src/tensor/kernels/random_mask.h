// Masks of dropout: many random numbers at once, each compared with a rate.
#pragma once

#include <cstdint>

#include "unfold/tensor.h"

namespace unfold::kernels {

/// Where the random numbers of a mask come from: number i is word i % 4 of philox(key, high, (i / 4) * apart), 32 bits.
struct MaskNumbers {
  std::uint64_t key = 0;
  std::uint64_t high = 0;
  std::uint64_t apart = 1;  // 1 or 4
};

/// values[i] = 0 where number i is below rate * 2^32, else `kept`. The rate is in [0, 1).
void draw_mask(const MaskNumbers& numbers, double rate, float kept, Index count, float* values);

}  // namespace unfold::kernels
