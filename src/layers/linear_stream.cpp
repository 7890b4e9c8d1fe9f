#include "layers/linear_stream.h"

#include <algorithm>
#include <vector>

namespace unfold {

void LinearStream::refresh() {
  const Parameter& parameter = weights_->matrix();
  if (parameter.version() == version_) return;
  version_ = parameter.version();
  const Index inputs = weights_->inputs();
  const float* w = parameter.value().data() + weights_->first_row() * inputs;
  Tensor transposed = Tensor::uninitialised({inputs, outputs()});
  std::vector<float> scales;
  for (Index o = 0; o < outputs(); ++o) {
    for (Index i = 0; i < inputs; ++i) transposed[i * outputs() + o] = w[o * inputs + i];
    scales.push_back(kernels::int8_scale(w + o * inputs, inputs));
  }
  matrix_ = kernels::RowMatrix(transposed.data(), inputs, outputs(), outputs(), parameter.format(), scales);
}

void LinearStream::run(const float* x, Index x_stride, Index rows, float* y, Index y_stride) const {
  const float* bias = weights_->bias_values();
  for (Index row = 0; bias != nullptr && row < rows; ++row) std::copy_n(bias, outputs(), y + row * y_stride);
  kernels::multiply_rows(x, x_stride, rows, matrix_, y, y_stride, bias != nullptr);
}

}  // namespace unfold
