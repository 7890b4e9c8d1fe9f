// Elementwise helpers of the operations, tiled over threads.
#pragma once

#include "tensor/kernels/map.h"
#include "unfold/tensor.h"

namespace unfold {

/// result[i] = function(a[i], b[i]). `result` may be a or b.
void map_elements(kernels::Function function, Tensor& result, const Tensor& a, const Tensor& b);

/// Throws ContractError, naming the operation, unless the shapes are the same.
void expect_same_shape(const char* operation, const Shape& a, const Shape& b);

}  // namespace unfold
