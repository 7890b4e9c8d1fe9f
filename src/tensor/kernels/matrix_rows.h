// Where the rows of a matrix lie.
#pragma once

#include "unfold/tensor.h"

namespace unfold::kernels {

/// Row i begins at data + i * stride.
struct MatrixRows {
  const float* data = nullptr;
  Index stride = 0;  // elements
};

}  // namespace unfold::kernels
