// The naive twins of the matrix products: three loops, the sum over K in order.
#pragma once

#include "tensor/kernels/bfloat16_naive.h"
#include "unfold/tensor.h"

namespace unfold::kernels::naive {

/// C [M, N] (+)= A [M, K] B [K, N], element (i, j) of an operand at i * row + j * column of its strides.
template <class Real>
void multiply(const Real* a, Index a_row, Index a_column, const Real* b, Index b_row, Index b_column, Index m, Index n,
              Index k, Real* c, Index c_stride, bool accumulate) {
  for (Index i = 0; i < m; ++i) {
    for (Index j = 0; j < n; ++j) {
      Real sum = accumulate ? c[i * c_stride + j] : Real(0);
      for (Index p = 0; p < k; ++p) sum += a[i * a_row + p * a_column] * b[p * b_row + j * b_column];
      c[i * c_stride + j] = sum;
    }
  }
}

}  // namespace unfold::kernels::naive
