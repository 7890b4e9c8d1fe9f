// The naive twin of rounding to bfloat16, and the way back, which is exact.
#pragma once

#include <bit>
#include <cmath>

#include "tensor/kernels/bfloat16.h"

namespace unfold::kernels::naive {

inline Bfloat16 round_to_bfloat16(float value) {
  const auto bits = std::bit_cast<std::uint32_t>(value);
  if (std::isnan(value)) return static_cast<Bfloat16>((bits >> 16) | 0x40U);  // quiet, so that no NaN becomes infinite
  const std::uint32_t half_and_tie = 0x7fffU + ((bits >> 16) & 1U);
  return static_cast<Bfloat16>((bits + half_and_tie) >> 16);
}

inline float widen(Bfloat16 value) { return std::bit_cast<float>(static_cast<std::uint32_t>(value) << 16); }

inline void round_rows(const float* from, Index from_stride, Bfloat16* to, Index to_stride, Index rows, Index columns) {
  for (Index i = 0; i < rows; ++i) {
    for (Index j = 0; j < columns; ++j) to[i * to_stride + j] = round_to_bfloat16(from[i * from_stride + j]);
  }
}

}  // namespace unfold::kernels::naive
