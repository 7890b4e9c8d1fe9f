// The naive twin of rounded_product.h.
#pragma once

#include "tensor/kernels/bfloat16_naive.h"

namespace unfold::kernels::naive {

inline void multiply_transposed_rounded(const float* a, Index a_stride, const float* b, Index b_stride, Index m,
                                        Index n, Index k, float* c, Index c_stride, bool accumulate) {
  const auto rounded = [](float value) { return widen(round_to_bfloat16(value)); };
  for (Index i = 0; i < m; ++i) {
    for (Index j = 0; j < n; ++j) {
      float sum = accumulate ? c[i * c_stride + j] : 0.0F;
      for (Index p = 0; p < k; ++p) sum += rounded(a[p * a_stride + i]) * rounded(b[p * b_stride + j]);
      c[i * c_stride + j] = sum;
    }
  }
}

}  // namespace unfold::kernels::naive
