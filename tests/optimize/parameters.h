// Small parameters for tests of what changes them.
#pragma once

#include <string>
#include <vector>

#include "unfold/parameter.h"

namespace unfold {

inline Parameter parameter_of(const std::string& name, std::vector<float> values, bool trainable = true) {
  const Shape shape{static_cast<Index>(values.size())};
  Parameter parameter(name, shape, trainable);
  parameter.edit() = Tensor(shape, values);
  return parameter;
}

inline void set_gradient(Parameter& parameter, std::vector<float> values) {
  parameter.gradient() = Tensor(parameter.shape(), values);
}

}  // namespace unfold
