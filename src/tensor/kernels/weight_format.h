// Rounding numbers to the formats in which weights are kept.
#pragma once

#include <cstdint>

#include "unfold/tensor.h"
#include "unfold/weight_format.h"

namespace unfold::kernels {

/// The largest whole number of kInt8; -128 is left out, so that the grid is symmetric.
inline constexpr int kInt8Limit = 127;

/// What a row of a matrix [out, in] is a multiple of in kInt8: its largest magnitude / 127, and 1 for a row of zeros.
float int8_scale(const float* row, Index count);

/// The nearest multiple of `scale`, as a number of scales.
std::int8_t to_int8(float value, float scale);

/// Rounds every row of w [rows, columns] to a format. Rounding twice changes nothing.
void round_rows(WeightFormat format, float* w, Index rows, Index columns);

/// Of one weight.
Index bytes_of(WeightFormat format);

}  // namespace unfold::kernels
