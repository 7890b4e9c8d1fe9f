#include "train/early_stopping.h"

#include <algorithm>

namespace unfold {

Index validations_without_improvement(std::span<const double> validations) {
  // The first of the lowest: an equal loss later is no improvement.
  const auto lowest = std::min_element(validations.begin(), validations.end());
  return lowest == validations.end() ? 0 : validations.end() - lowest - 1;
}

}  // namespace unfold
