// Stochastic gradient descent.
#include "optimize/optimizer_state.h"
#include "optimize/tiles.h"
#include "tensor/kernels/update.h"
#include "unfold/optimizer.h"

namespace unfold {

Sgd::Sgd(const ParameterList& parameters) : parameters_(parameters) {
  std::erase_if(parameters_, [](const Parameter* parameter) { return !parameter->trainable(); });
}

void Sgd::step(double learning_rate, double gradient_scale) {
  const kernels::SgdStep step = {.rate = static_cast<float>(learning_rate),
                                 .momentum = 0,
                                 .decay = 0,
                                 .gradient_scale = static_cast<float>(gradient_scale)};
  for (Parameter* parameter : parameters_) {
    float* value = parameter->edit().data();
    float* gradient = parameter->gradient().data();
    for_tiles(parameter->shape().count(), kElementsPerUpdate, [&](Index begin, Index end) {
      kernels::sgd(value + begin, gradient + begin, nullptr, end - begin, step);
    });
  }
  ++steps_;
}

OptimizerState Sgd::save() const { return {.steps = steps_}; }

void Sgd::load(const OptimizerState& state) {
  expect_tensor_count(state, 0);
  steps_ = state.steps;
}

}  // namespace unfold
