// The naive twins of update.h.
#pragma once

#include <cmath>

#include "tensor/kernels/update.h"

namespace unfold::kernels::naive {

template <class Real>
Real direction_of(const Real& value, const Real& gradient, const Direction& direction) {
  return Real(direction.scale) * gradient + Real(direction.penalty) * value;
}

template <class Real>
void adam(Real* value, Real* gradient, Real* first_moment, Real* second_moment, Index count, const AdamStep& step) {
  for (Index i = 0; i < count; ++i) {
    const Real g = direction_of(value[i], gradient[i], step.direction);
    first_moment[i] = Real(step.beta1) * first_moment[i] + Real(step.beta1_rest) * g;
    second_moment[i] = Real(step.beta2) * second_moment[i] + Real(step.beta2_rest) * g * g;
    const Real change = Real(step.rate) * first_moment[i] / (std::sqrt(second_moment[i]) + Real(step.epsilon));
    value[i] -= Real(step.decay) * value[i] + change;
    gradient[i] = 0;
  }
}

template <class Real>
void sgd(Real* value, Real* gradient, Index count, const SgdStep& step) {
  for (Index i = 0; i < count; ++i) {
    value[i] -= Real(step.rate) * direction_of(value[i], gradient[i], step.direction);
    gradient[i] = 0;
  }
}

template <class Real>
void momentum(Real* value, Real* gradient, Real* velocity, Index count, const MomentumStep& step) {
  for (Index i = 0; i < count; ++i) {
    const Real g = direction_of(value[i], gradient[i], step.direction);
    velocity[i] = Real(step.momentum) * velocity[i] + g;
    value[i] -= Real(step.rate) * (step.nesterov ? g + Real(step.momentum) * velocity[i] : velocity[i]);
    gradient[i] = 0;
  }
}

template <class Real>
void root(Real* value, Real* gradient, Real* squares, Index count, const RootStep& step) {
  for (Index i = 0; i < count; ++i) {
    const Real g = direction_of(value[i], gradient[i], step.direction);
    squares[i] = Real(step.keep) * squares[i] + Real(step.add) * g * g;
    value[i] -= Real(step.rate) * g / (std::sqrt(squares[i]) + Real(step.epsilon));
    gradient[i] = 0;
  }
}

template <class Real>
void move_towards(Real* average, const Real* value, float share, Index count) {
  for (Index i = 0; i < count; ++i) average[i] += Real(share) * (value[i] - average[i]);
}

template <class Real>
void clip(Real* values, float largest, Index count) {
  const Real limit = largest;
  for (Index i = 0; i < count; ++i) values[i] = values[i] > limit ? limit : values[i] < -limit ? -limit : values[i];
}

}  // namespace unfold::kernels::naive
