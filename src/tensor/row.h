// A row of a matrix [N, F].
#pragma once

#include <span>

#include "unfold/tensor.h"

namespace unfold {

inline std::span<const float> row_of(const Tensor& matrix, Index row) {
  const auto width = static_cast<std::size_t>(matrix.shape()[1]);
  return matrix.values().subspan(static_cast<std::size_t>(row) * width, width);
}

inline std::span<float> row_of(Tensor& matrix, Index row) {
  const auto width = static_cast<std::size_t>(matrix.shape()[1]);
  return matrix.values().subspan(static_cast<std::size_t>(row) * width, width);
}

}  // namespace unfold
