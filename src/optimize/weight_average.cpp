#include "unfold/weight_average.h"

#include <algorithm>
#include <utility>

#include "optimize/optimizer_state.h"
#include "optimize/tiles.h"
#include "tensor/kernels/update.h"

namespace unfold {

WeightAverage::WeightAverage(const ParameterList& parameters, double decay) : parameters_(parameters), decay_(decay) {
  std::erase_if(parameters_, [](const Parameter* parameter) { return !parameter->trainable(); });
}

void WeightAverage::begin() {
  averages_.clear();
  for (const Parameter* parameter : parameters_) averages_.push_back(parameter->value());
  count_ = 1;
}

void WeightAverage::add() {
  if (!begun()) return;
  const auto t = static_cast<double>(count_++);
  const double share = decay_ > 0 ? 1 - std::min(decay_, (1 + t) / (10 + t)) : 1 / (t + 1);
  for (std::size_t i = 0; i < averages_.size(); ++i) {
    float* average = averages_[i].data();
    const float* value = parameters_[i]->value().data();
    for_tiles(averages_[i].count(), kElementsPerUpdate, [&](Index begin, Index end) {
      kernels::move_towards(average + begin, value + begin, static_cast<float>(share), end - begin);
    });
  }
}

void WeightAverage::swap() {
  for (std::size_t i = 0; i < averages_.size(); ++i) std::swap(parameters_[i]->edit(), averages_[i]);
}

OptimizerState WeightAverage::save() const {
  OptimizerState state{.steps = count_};
  for (std::size_t i = 0; i < averages_.size(); ++i) state.tensors[parameters_[i]->name()] = averages_[i];
  return state;
}

void WeightAverage::load(const OptimizerState& state) {
  std::vector<Tensor> averages;
  if (state.steps > 0) {
    for (const Parameter* parameter : parameters_) {
      averages.push_back(find_tensor(state, parameter->name(), parameter->shape()));
    }
  }
  expect_tensor_count(state, averages.size());
  averages_ = std::move(averages);
  count_ = state.steps;
}

bool stopped_improving(std::span<const double> validations, std::size_t interval) {
  if (validations.size() <= interval + 1) return false;
  const std::span<const double> old = validations.first(validations.size() - 1 - interval);
  return validations.back() > *std::min_element(old.begin(), old.end());
}

}  // namespace unfold
