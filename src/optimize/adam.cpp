// Adam.
#include <cmath>
#include <utility>

#include "optimize/optimizer_state.h"
#include "optimize/tiles.h"
#include "tensor/kernels/update.h"
#include "unfold/optimizer.h"

namespace unfold {

namespace {

std::string first_moment_name(const Parameter& parameter) { return parameter.name() + ".first_moment"; }
std::string second_moment_name(const Parameter& parameter) { return parameter.name() + ".second_moment"; }

}  // namespace

Adam::Adam(const ParameterList& parameters, AdamOptions options) : options_(options) {
  for (Parameter* parameter : parameters) {
    if (parameter->trainable()) slots_.push_back({parameter, Tensor(parameter->shape()), Tensor(parameter->shape())});
  }
}

void Adam::step(double learning_rate, double gradient_scale) {
  ++steps_;
  const auto t = static_cast<double>(steps_);
  const double first = 1.0 - std::pow(options_.beta1, t);
  const double second = std::sqrt(1.0 - std::pow(options_.beta2, t));
  const kernels::AdamStep step = {.rate = static_cast<float>(learning_rate * second / first),
                                  .beta1 = static_cast<float>(options_.beta1),
                                  .beta2 = static_cast<float>(options_.beta2),
                                  .epsilon = static_cast<float>(options_.epsilon * second),
                                  .decay = 0,
                                  .gradient_scale = static_cast<float>(gradient_scale)};
  for (Slot& slot : slots_) {
    float* value = slot.parameter->edit().data();
    float* gradient = slot.parameter->gradient().data();
    float* m = slot.first_moment.data();
    float* v = slot.second_moment.data();
    for_tiles(slot.parameter->shape().count(), kElementsPerUpdate, [&](Index begin, Index end) {
      kernels::adam(value + begin, gradient + begin, m + begin, v + begin, end - begin, step);
    });
  }
}

OptimizerState Adam::save() const {
  OptimizerState state{.steps = steps_};
  for (const Slot& slot : slots_) {
    state.tensors[first_moment_name(*slot.parameter)] = slot.first_moment;
    state.tensors[second_moment_name(*slot.parameter)] = slot.second_moment;
  }
  return state;
}

void Adam::load(const OptimizerState& state) {
  std::vector<Slot> slots;
  for (const Slot& slot : slots_) {
    Parameter& parameter = *slot.parameter;
    slots.push_back({&parameter, find_tensor(state, first_moment_name(parameter), parameter.shape()),
                     find_tensor(state, second_moment_name(parameter), parameter.shape())});
  }
  expect_tensor_count(state, 2 * slots.size());
  slots_ = std::move(slots);
  steps_ = state.steps;
}

}  // namespace unfold
