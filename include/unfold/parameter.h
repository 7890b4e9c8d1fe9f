// A trained array: its name, value, gradient, and a version that tells caches (packed weights) when it changed.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "unfold/tensor.h"
#include "unfold/weight_format.h"

namespace unfold {

class Parameter {
 public:
  Parameter(std::string name, Shape shape, bool trainable = true)
      : name_(std::move(name)), trainable_(trainable), value_(shape), gradient_(std::move(shape)) {}

  const std::string& name() const { return name_; }
  const Shape& shape() const { return value_.shape(); }
  /// False for what a cell declares `fixed`: saved and loaded, never updated.
  bool trainable() const { return trainable_; }

  const Tensor& value() const { return value_; }
  /// The value for writing. Raises the version, so ask once per change, not once per element.
  Tensor& edit() {
    ++version_;
    return value_;
  }
  std::uint64_t version() const { return version_; }

  /// How streaming keeps the weights of a matrix.
  WeightFormat format() const { return format_; }
  /// Sets the format and rounds the value to it, so that whoever reads it computes with the same weights.
  void round_to(WeightFormat format);

  /// dL/dvalue, same shape; backward adds to it, the optimiser zeroes it after its step.
  Tensor& gradient() { return gradient_; }
  const Tensor& gradient() const { return gradient_; }

 private:
  std::string name_;
  bool trainable_;
  std::uint64_t version_ = 1;
  WeightFormat format_ = WeightFormat::kF32;
  Tensor value_;
  Tensor gradient_;
};

/// Parameters in the order of their declaration. The owner outlives the list.
using ParameterList = std::vector<Parameter*>;

}  // namespace unfold
