// Matrices in bfloat16 as instructions multiply them: two rows at a time, the two elements of a column side by side.
#pragma once

#include <cstdint>

#include "tensor/kernels/bfloat16.h"

namespace unfold::kernels {

/// The elements of one column in two rows, that of the upper row in the lower half.
using Pair = std::uint32_t;

/// Where rows, rounded to bfloat16, go: panels of `width` columns, one after another, each [pairs, width]. `width` is 8
/// or a multiple of 16. What lies beyond the matrix is zero; of panels 8 wide there is an even number.
struct Panels {
  Index width, pairs;
  Pair* first;
};

/// from [rows, columns], `stride` elements between rows, rows <= 2 * pairs. NaN stays NaN; numbers that are too small
/// to be normal become zero on processors with instructions for all this.
void round_to_panels(const float* from, Index stride, Index rows, Index columns, const Panels& to);

namespace naive {
void round_to_panels(const float* from, Index stride, Index rows, Index columns, const Panels& to);
}

}  // namespace unfold::kernels
