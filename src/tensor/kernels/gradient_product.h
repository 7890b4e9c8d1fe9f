// The product that makes parameters' gradients: a sum over very many rows, added to what is there.
#pragma once

#include <span>

#include "tensor/kernels/columns.h"
#include "tensor/kernels/matrix_rows.h"
#include "unfold/precision.h"
#include "unfold/tensor.h"

namespace unfold::kernels {

/// Columns of A whose products belong to one place.
struct GradientPart {
  Columns columns;
  float* c = nullptr;  // [columns, N]
  Index c_stride = 0;
  float* sums = nullptr;  // of those columns, or null: the gradient of a bias
};

/// For each part C += A^T B of its columns, and sums += the sums of those columns; A [K, M], B [K, N]. In bfloat16 the
/// operands are rounded to it where they are multiplied. Strides in elements. Runs on the calling thread. With AVX-512,
/// and in bfloat16, an element's bits depend on its column of A and its column of B alone, and on what was there;
/// otherwise where `columns_are_independent`.
void add_gradient_products(MatrixRows a, MatrixRows b, Index n, Index k, std::span<const GradientPart> parts,
                           Precision precision);

}  // namespace unfold::kernels
