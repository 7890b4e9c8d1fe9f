// Matrix products in float32 and bfloat16, by oneDNN or by kernels of our own (panel_product.h). The products of
// parameters' gradients: gradient_product.h.
// Every call runs on the calling thread; the caller splits work into tiles whose shapes do not depend on the thread
// count.
#pragma once

#include <span>

#include "tensor/kernels/bfloat16.h"
#include "tensor/kernels/packed_matrix.h"

namespace unfold::kernels {

/// C [M, N] = A [M, K] B, or C += A B with `accumulate`. Strides in elements. M = 0 does nothing. Thread-safe.
void multiply(const float* a, Index a_stride, Index m, const PackedMatrix& b, float* c, Index c_stride,
              bool accumulate);

/// Whether the bits of a row of C do not depend on how many rows are multiplied at once: so on processors with AVX-512.
bool rows_are_independent();

/// Some columns of C = A B, or C += A B; the others are left as they are. `c` points to column 0. Only where
/// `columns_are_independent`, and each range begins at a multiple of kColumnBlock and ends at one or at N.
void multiply_columns(const float* a, Index a_stride, Index m, const PackedMatrix& b, std::span<const Columns> columns,
                      float* c, Index c_stride, bool accumulate);

/// Whether columns can be taken apart, here and in multiply_transposed, and have the bits that they have in the whole
/// product.
bool columns_are_independent();

/// The same for rows that are rounded already; B must be packed in bfloat16 (else ContractError).
void multiply(const Bfloat16* a, Index a_stride, Index m, const PackedMatrix& b, float* c, Index c_stride,
              bool accumulate);

/// C [M, N] = A^T B for A [K, M], B [K, N], or C += with `accumulate`: a parameter's gradient, summed over K rows.
void multiply_transposed(const float* a, Index a_stride, const float* b, Index b_stride, Index m, Index n, Index k,
                         float* c, Index c_stride, bool accumulate);

/// C [M, N] = A B for unpacked A [M, K], B [K, N], or C += with `accumulate`.
void multiply_plain(const float* a, Index a_stride, const float* b, Index b_stride, Index m, Index n, Index k, float* c,
                    Index c_stride, bool accumulate);

}  // namespace unfold::kernels
