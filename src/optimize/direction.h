// The direction that every step begins with, as kernels take it.
#pragma once

#include "tensor/kernels/update.h"

namespace unfold {

inline kernels::Direction direction(double gradient_scale, double weight_decay) {
  return {.scale = static_cast<float>(gradient_scale), .penalty = static_cast<float>(weight_decay)};
}

}  // namespace unfold
