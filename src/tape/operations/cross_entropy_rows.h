// Rows of logits to losses and gradients, with smoothed labels: what the losses of classification share.
#pragma once

#include <cstdint>
#include <span>

#include "unfold/tensor.h"

namespace unfold {

/// How a row's loss L = (1 - E) nats + E uniform is made: `nats` is -log p(target), `uniform` the mean of -log p(v).
struct CrossEntropyScale {
  float slope = 1;       // factor of the gradient
  double smoothing = 0;  // E
};

/// Of logits z [rows, V]: nats[r] = -log p(target_r) and losses[r] = L. With `slopes` [rows, V], which may be z, also
/// scale.slope * dL/dz. Runs on the calling thread.
void cross_entropy_rows(const float* z, std::span<const std::int32_t> targets, Index columns,
                        const CrossEntropyScale& scale, double* nats, double* losses, float* slopes);

/// Throws ContractError unless 0 <= smoothing < 1.
void expect_smoothing(double smoothing);

}  // namespace unfold
