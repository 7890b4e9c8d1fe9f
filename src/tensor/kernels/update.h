// One step of an optimiser in one sweep over memory; the gradient is zero afterwards. Every element is updated on its
// own and with the same bits wherever it stands, so callers may split arrays as they like. Each call runs on its
// thread.
#pragma once

#include "unfold/tensor.h"

namespace unfold::kernels {

/// Coefficients of one Adam step (Kingma & Ba 2015), with decoupled weight decay (Loshchilov & Hutter 2019). The
/// corrections for moments that start at zero are the same for every element and stand in `rate` and `epsilon`:
/// rate = learning_rate * sqrt(1 - beta2^t) / (1 - beta1^t), epsilon = sqrt(1 - beta2^t) * (the paper's epsilon).
struct AdamStep {
  float rate;
  float beta1;
  float beta2;
  float epsilon;
  float decay;  // learning_rate * weight_decay
  float gradient_scale;
};

/// g = gradient_scale * gradient; m = beta1 m + (1 - beta1) g; v = beta2 v + (1 - beta2) g^2;
/// value = value - decay * value - rate * m / (sqrt(v) + epsilon).
void adam(float* value, float* gradient, float* first_moment, float* second_moment, Index count, const AdamStep& step);

struct SgdStep {
  float rate;
  float momentum;
  float decay;  // learning_rate * weight_decay, decoupled
  float gradient_scale;
};

/// g = gradient_scale * gradient; velocity = momentum * velocity + g; value = value - decay * value - rate * velocity.
/// Without a velocity (null) g takes its place.
void sgd(float* value, float* gradient, float* velocity, Index count, const SgdStep& step);

}  // namespace unfold::kernels
