// Adam.
#include <fmt/core.h>

#include <cmath>
#include <utility>

#include "optimize/optimizer_state.h"
#include "optimize/tiles.h"
#include "unfold/error.h"
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
  // The corrections for moments that start at zero are the same for every element: they go into the rate and epsilon.
  const double first = 1.0 - std::pow(options_.beta1, t);
  const double second = std::sqrt(1.0 - std::pow(options_.beta2, t));
  const auto rate = static_cast<float>(learning_rate * second / first);
  const auto epsilon = static_cast<float>(options_.epsilon * second);
  const auto beta1 = static_cast<float>(options_.beta1);
  const auto beta2 = static_cast<float>(options_.beta2);
  const auto scale = static_cast<float>(gradient_scale);
  for (Slot& slot : slots_) {
    float* value = slot.parameter->edit().data();
    float* gradient = slot.parameter->gradient().data();
    float* m = slot.first_moment.data();
    float* v = slot.second_moment.data();
    for_update_tiles(slot.parameter->shape().count(), [&](Index begin, Index end) {
      for (Index i = begin; i < end; ++i) {
        const float g = scale * gradient[i];
        m[i] = beta1 * m[i] + (1.0F - beta1) * g;
        v[i] = beta2 * v[i] + (1.0F - beta2) * g * g;
        value[i] -= rate * m[i] / (std::sqrt(v[i]) + epsilon);
        gradient[i] = 0;
      }
    });
  }
}

OptimizerState Adam::save() const {
  OptimizerState state{.steps = steps_, .tensors = {}};
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
