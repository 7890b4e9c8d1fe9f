// What all optimisers share: memory for every parameter, the sweep over pieces, saving and loading.
#include "unfold/optimizer.h"

#include <algorithm>
#include <utility>

#include "base/threads.h"
#include "optimize/optimizer_state.h"
#include "optimize/tiles.h"

namespace unfold {

Optimizer::Optimizer(const ParameterList& parameters, std::vector<std::string> memories)
    : memories_(std::move(memories)) {
  for (Parameter* parameter : parameters) {
    if (!parameter->trainable()) continue;
    slots_.push_back({parameter, std::vector<Tensor>(memories_.size(), Tensor(parameter->shape()))});
  }
}

void Optimizer::step(double learning_rate, double gradient_scale) {
  const Sweep update = sweep(++steps_, learning_rate, gradient_scale);
  std::vector<Piece> pieces;  // of all parameters: many are too small to be split
  for (Slot& slot : slots_) {
    float* value = slot.parameter->edit().data();
    float* gradient = slot.parameter->gradient().data();
    const Index count = slot.parameter->shape().count();
    for (Index begin = 0; begin < count; begin += kElementsPerUpdate) {
      const Index size = std::min(kElementsPerUpdate, count - begin);
      pieces.push_back({.value = value + begin, .gradient = gradient + begin, .memory = {}, .count = size});
      for (Tensor& memory : slot.memory) pieces.back().memory.push_back(memory.data() + begin);
    }
  }
  parallel(static_cast<Index>(pieces.size()), [&](Index i) { update(pieces[static_cast<std::size_t>(i)]); });
}

std::string Optimizer::tensor_name(const Slot& slot, std::size_t memory) const {
  return slot.parameter->name() + "." + memories_[memory];
}

OptimizerState Optimizer::save() const {
  OptimizerState state{.steps = steps_};
  for (const Slot& slot : slots_) {
    for (std::size_t k = 0; k < memories_.size(); ++k) state.tensors[tensor_name(slot, k)] = slot.memory[k];
  }
  return state;
}

void Optimizer::load(const OptimizerState& state) {
  std::vector<Slot> slots;
  for (const Slot& slot : slots_) {
    Slot loaded{slot.parameter, {}};
    for (std::size_t k = 0; k < memories_.size(); ++k) {
      loaded.memory.push_back(find_tensor(state, tensor_name(slot, k), slot.parameter->shape()));
    }
    slots.push_back(std::move(loaded));
  }
  expect_tensor_count(state, memories_.size() * slots.size());
  slots_ = std::move(slots);
  steps_ = state.steps;
}

}  // namespace unfold
