// The loss of classification where some rows count more than others.
#pragma once

#include "unfold/tape.h"

namespace unfold {

/// softmax_cross_entropy with L = mean over n of weights_n L_n; `weights` [N], empty for 1. `nats` is not weighted.
Variable weighted_cross_entropy(Tape& tape, Variable logits, std::span<const std::int32_t> targets,
                                std::span<const float> weights, double smoothing, double* nats);

}  // namespace unfold
