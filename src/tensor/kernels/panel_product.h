// Products of rows with a packed matrix on processors with AVX-512.
#pragma once

#include "tensor/kernels/columns.h"
#include "unfold/precision.h"
#include "unfold/tensor.h"

namespace unfold::kernels {

/// B [K, N] as panels of kColumnBlock columns, one after another, each with its rows one after another (in bfloat16
/// pairs of rows, the two elements of a column side by side) and whatever behind the last column and row, but that in
/// bfloat16 an odd last row has zeros beside it.
struct PackedPanels {
  const std::byte* first;
  std::size_t bytes;  // of one panel
  Index k, n;
  Precision precision;
};

/// Whether `multiply_panels` may be called.
bool multiplies_panels(Precision precision);

/// Columns of C [M, N] = A B, or of C += A B; the others are left as they are. A [M, K] has B's precision; in bfloat16
/// its stride is even, and an odd K has a zero behind each row. Strides in elements; `c` points to column 0, and
/// columns begin at a panel. An element's bits depend on its row of A and its column of B alone.
void multiply_panels(const void* a, Index a_stride, Index m, const PackedPanels& b, Columns columns, float* c,
                     Index c_stride, bool accumulate);

}  // namespace unfold::kernels
