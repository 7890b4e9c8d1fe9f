#include "optimize/optimizer_state.h"

#include <fmt/core.h>

#include "unfold/error.h"

namespace unfold {

const Tensor& find_tensor(const OptimizerState& state, const std::string& name, const Shape& shape) {
  const auto found = state.tensors.find(name);
  if (found == state.tensors.end()) {
    throw InputError(fmt::format("the optimiser's state lacks '{}' of shape {}", name, shape.text()));
  }
  if (found->second.shape() != shape) {
    throw InputError(fmt::format("the optimiser's '{}' has shape {}; expected {}", name, found->second.shape().text(),
                                 shape.text()));
  }
  return found->second;
}

void expect_tensor_count(const OptimizerState& state, std::size_t count) {
  if (state.tensors.size() == count) return;
  throw InputError(
      fmt::format("the optimiser's state has {} tensors; this model needs {}", state.tensors.size(), count));
}

}  // namespace unfold
