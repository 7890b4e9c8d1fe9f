// The naive twins of update.h.
#pragma once

#include <cmath>

#include "tensor/kernels/update.h"

namespace unfold::kernels::naive {

template <class Real>
void adam(Real* value, Real* gradient, Real* first_moment, Real* second_moment, Index count, const AdamStep& step) {
  const Real beta1 = step.beta1, beta2 = step.beta2;
  for (Index i = 0; i < count; ++i) {
    const Real g = Real(step.gradient_scale) * gradient[i];
    first_moment[i] = beta1 * first_moment[i] + (Real(1) - beta1) * g;
    second_moment[i] = beta2 * second_moment[i] + (Real(1) - beta2) * g * g;
    const Real change = Real(step.rate) * first_moment[i] / (std::sqrt(second_moment[i]) + Real(step.epsilon));
    value[i] -= Real(step.decay) * value[i] + change;
    gradient[i] = 0;
  }
}

template <class Real>
void sgd(Real* value, Real* gradient, Real* velocity, Index count, const SgdStep& step) {
  for (Index i = 0; i < count; ++i) {
    Real direction = Real(step.gradient_scale) * gradient[i];
    if (velocity != nullptr) direction = velocity[i] = Real(step.momentum) * velocity[i] + direction;
    value[i] -= Real(step.decay) * value[i] + Real(step.rate) * direction;
    gradient[i] = 0;
  }
}

}  // namespace unfold::kernels::naive
