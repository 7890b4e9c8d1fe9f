// Early stopping: validations that no longer improve.
#pragma once

#include <span>

#include "unfold/tensor.h"

namespace unfold {

/// How many of the last losses are not below the lowest before them.
Index validations_without_improvement(std::span<const double> validations);

/// True where `patience` validations in a row have not improved; patience 0 never ends.
inline bool out_of_patience(std::span<const double> validations, Index patience) {
  return patience > 0 && validations_without_improvement(validations) >= patience;
}

}  // namespace unfold
