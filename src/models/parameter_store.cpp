#include "models/parameter_store.h"

#include <utility>
#include <vector>

namespace unfold {

void store_parameters(const ParameterList& parameters, TensorFile& file) {
  for (const Parameter* parameter : parameters) file.tensors[parameter->name()] = StoredTensor::of(parameter->value());
}

void take_parameters(TensorFile& file, const ParameterList& parameters) {
  std::vector<Tensor> values;
  for (const Parameter* parameter : parameters) values.push_back(file.take(parameter->name(), parameter->shape()));
  for (std::size_t i = 0; i < parameters.size(); ++i) parameters[i]->edit() = std::move(values[i]);
}

}  // namespace unfold
