#include "models/parameter_store.h"

#include <string>
#include <utility>
#include <vector>

#include "tensor/kernels/bfloat16_naive.h"
#include "tensor/kernels/weight_format.h"

namespace unfold {

namespace {

/// The scales of the rows of an int8 matrix stand beside it.
std::string scales_of(const std::string& name) { return name + ".scale"; }

void store_bf16(const Parameter& parameter, TensorFile& file) {
  const auto halves = kernels::rounded(parameter.value().data(), 0, 1, parameter.value().count());
  file.tensors[parameter.name()] = StoredTensor::of_bf16(halves.values(), parameter.shape());
}

void store_int8(const Parameter& parameter, TensorFile& file) {
  const Index rows = parameter.shape()[0], columns = parameter.shape()[1];
  std::vector<std::int8_t> whole;
  Tensor scales({rows});
  for (Index row = 0; row < rows; ++row) {
    const float* values = parameter.value().data() + row * columns;
    scales[row] = kernels::int8_scale(values, columns);
    for (Index i = 0; i < columns; ++i) whole.push_back(kernels::to_int8(values[i], scales[row]));
  }
  file.tensors[parameter.name()] = StoredTensor::of_int8(whole, parameter.shape());
  file.tensors[scales_of(parameter.name())] = StoredTensor::of(scales);
}

/// The shape that a file must have for a parameter.
Shape expected_shape(const TensorFile& file, const Parameter& parameter) {
  const auto stored = file.tensors.find(parameter.name());
  // What is declared without rows (its gradient keeps the declared shape) grows in training, as statistics of ticks do.
  const Shape& declared = parameter.gradient().shape();
  const bool rows_vary = declared.rank() == 2 && declared[0] == 0;
  if (!rows_vary || stored == file.tensors.end() || stored->second.shape.rank() != 2) return parameter.shape();
  return {stored->second.shape[0], parameter.shape()[1]};
}

struct Taken {
  Tensor value;
  WeightFormat format = WeightFormat::kF32;
};

Taken take(TensorFile& file, const std::string& name, const Shape& shape) {
  const auto stored = file.tensors.find(name);
  const bool is_there = stored != file.tensors.end();
  if (is_there && stored->second.type == StoredTensor::Type::kBF16) {
    Taken taken{Tensor::uninitialised(shape), WeightFormat::kBf16};
    Index i = 0;
    for (const std::uint16_t half : file.take_bf16(name, shape)) taken.value[i++] = kernels::naive::widen(half);
    return taken;
  }
  if (is_there && stored->second.type == StoredTensor::Type::kI8 && shape.rank() == 2) {
    Taken taken{Tensor::uninitialised(shape), WeightFormat::kInt8};
    const Tensor scales = file.take(scales_of(name), {shape[0]});
    Index i = 0;
    for (const std::int8_t whole : file.take_int8(name, shape)) {
      taken.value[i] = static_cast<float>(whole) * scales[i / shape[1]];
      ++i;
    }
    return taken;
  }
  return {file.take(name, shape)};
}

}  // namespace

void store_parameters(const ParameterList& parameters, TensorFile& file) {
  for (const Parameter* parameter : parameters) {
    const bool is_matrix = parameter->shape().rank() == 2;
    if (parameter->format() == WeightFormat::kBf16)
      store_bf16(*parameter, file);
    else if (parameter->format() == WeightFormat::kInt8 && is_matrix)
      store_int8(*parameter, file);
    else
      file.tensors[parameter->name()] = StoredTensor::of(parameter->value());
  }
}

void take_parameters(TensorFile& file, const ParameterList& parameters) {
  std::vector<Taken> values;
  for (const Parameter* parameter : parameters)
    values.push_back(take(file, parameter->name(), expected_shape(file, *parameter)));
  for (std::size_t i = 0; i < parameters.size(); ++i) {
    parameters[i]->edit() = std::move(values[i].value);
    parameters[i]->round_to(values[i].format);
  }
}

}  // namespace unfold
