// One step of an optimiser in one sweep over memory; the gradient is zero afterwards. Every element is updated on its
// own and with the same bits wherever it stands, so callers may split arrays as they like. Each call runs on its
// thread.
#pragma once

#include "unfold/tensor.h"

namespace unfold::kernels {

/// The direction that every step begins with: g = scale * gradient + penalty * value.
struct Direction {
  float scale = 1;    // of clipping
  float penalty = 0;  // weight decay as the derivative of penalty / 2 * value^2
};

/// Coefficients of one Adam step (Kingma & Ba 2015), with decoupled weight decay (Loshchilov & Hutter 2019). The
/// corrections for moments that start at zero are the same for every element and stand in `rate` and `epsilon`:
/// rate = learning_rate * sqrt(1 - beta2^t) / (1 - beta1^t), epsilon = sqrt(1 - beta2^t) * (the paper's epsilon).
struct AdamStep {
  Direction direction;
  float rate;
  float beta1;
  float beta1_rest;  // 1 - beta1, rounded once: float32 has 0.999, but not 1 - 0.999, to seven digits
  float beta2;
  float beta2_rest;
  float epsilon;
  float decay;  // learning_rate * weight_decay, decoupled
};

/// m = beta1 m + (1 - beta1) g; v = beta2 v + (1 - beta2) g^2;
/// value = value - decay * value - rate * m / (sqrt(v) + epsilon).
void adam(float* value, float* gradient, float* first_moment, float* second_moment, Index count, const AdamStep& step);

struct SgdStep {
  Direction direction;
  float rate;
};

/// value = value - rate * g.
void sgd(float* value, float* gradient, Index count, const SgdStep& step);

struct MomentumStep {
  Direction direction;
  float rate;
  float momentum;
  bool nesterov;  // looks ahead
};

/// velocity = momentum * velocity + g; value = value - rate * velocity, or, looking ahead,
/// value = value - rate * (g + momentum * velocity).
void momentum(float* value, float* gradient, float* velocity, Index count, const MomentumStep& step);

struct RootStep {
  Direction direction;
  float rate;
  float keep;
  float add;
  float epsilon;
};

/// squares = keep * squares + add * g^2; value = value - rate * g / (sqrt(squares) + epsilon).
/// RMSprop with keep = decay, add = 1 - decay; Adagrad with keep = add = 1.
void root(float* value, float* gradient, float* squares, Index count, const RootStep& step);

/// average = average + share * (value - average).
void move_towards(float* average, const float* value, float share, Index count);

/// Every value into [-largest, largest]; NaN stays NaN.
void clip(float* values, float largest, Index count);

}  // namespace unfold::kernels
