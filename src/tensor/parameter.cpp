#include "unfold/parameter.h"

#include "tensor/kernels/weight_format.h"

namespace unfold {

void Parameter::round_to(WeightFormat format) {
  format_ = format;
  const bool is_matrix = shape().rank() == 2;
  const Index rows = is_matrix ? shape()[0] : 1;
  kernels::round_rows(format, edit().data(), rows, rows == 0 ? 0 : shape().count() / rows);
}

}  // namespace unfold
