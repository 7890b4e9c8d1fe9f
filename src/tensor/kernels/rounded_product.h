// The product of a parameter's gradient in bfloat16, of operands that are rounded where they are read.
#pragma once

#include <span>

#include "tensor/kernels/gradient_product.h"
#include "unfold/tensor.h"

namespace unfold::kernels {

/// C [M, N] = A^T B for A [K, M], B [K, N], or C += with `accumulate`; the operands rounded to bfloat16, the sums in
/// float32. An element's bits depend on its columns of A and B alone, so that callers may split M and N as they like.
/// Strides in elements. Runs on the calling thread.
void multiply_transposed_rounded(const float* a, Index a_stride, const float* b, Index b_stride, Index m, Index n,
                                 Index k, float* c, Index c_stride, bool accumulate);

/// For each part C += A^T B of its columns of A; what is packed of B serves all.
void add_rounded_products(MatrixRows a, MatrixRows b, Index n, Index k, std::span<const GradientPart> parts);

}  // namespace unfold::kernels
