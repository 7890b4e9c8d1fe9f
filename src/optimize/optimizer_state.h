// Reading an optimiser's state back, with its checks.
#pragma once

#include <string>

#include "unfold/optimizer.h"

namespace unfold {

/// The tensor `name` of a state. Throws InputError where it is missing or of another shape.
const Tensor& find_tensor(const OptimizerState& state, const std::string& name, const Shape& shape);

/// Throws InputError unless the state has exactly `count` tensors; those that it must have were found before.
void expect_tensor_count(const OptimizerState& state, std::size_t count);

}  // namespace unfold
