// Products of rows with a packed matrix by oneDNN: where this library has no kernel of its own, and what its own are
// measured against.
#pragma once

#include "tensor/kernels/packed_matrix.h"

namespace unfold::kernels {

/// Columns of C [M, N] = A B, or of C += A B; the others are left as they are. A [M, K] has B's precision, strides are
/// in elements and `c` points to column 0. All columns, or those that `multiply_columns` may be asked for. M, N and K
/// are above 0, and the kernels are not naive.
void multiply_by_onednn(const void* a, Index a_stride, Index m, const PackedMatrix& b, Columns columns, float* c,
                        Index c_stride, bool accumulate);

}  // namespace unfold::kernels
