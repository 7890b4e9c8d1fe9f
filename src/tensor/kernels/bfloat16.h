// Rounding of float32 to bfloat16, the upper half of its bits.
#pragma once

#include <cstdint>

#include "unfold/tensor.h"

namespace unfold::kernels {

using Bfloat16 = std::uint16_t;

/// to[i, :] = from[i, :] to the nearest bfloat16, ties to even; NaN stays NaN. Strides in elements.
void round_rows(const float* from, Index from_stride, Bfloat16* to, Index to_stride, Index rows, Index columns);

/// A matrix [rows, columns] as a tensor of its own, on all threads.
BasicTensor<Bfloat16> rounded(const float* from, Index from_stride, Index rows, Index columns);

}  // namespace unfold::kernels
