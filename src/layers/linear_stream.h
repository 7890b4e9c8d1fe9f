// A linear map of few rows at a time, its weights packed for streaming.
#pragma once

#include "tape/operations/linear.h"
#include "tensor/kernels/row_product.h"

namespace unfold {

class LinearStream {
 public:
  /// Refers to the weights, which outlive it.
  explicit LinearStream(LinearWeights& weights) : weights_(&weights) { refresh(); }

  /// Packs the matrix again if it has changed.
  void refresh();
  Index outputs() const { return weights_->outputs(); }
  /// y [rows, O] = x [rows, I] W^T + b; strides in elements. Allocates nothing.
  void run(const float* x, Index x_stride, Index rows, float* y, Index y_stride) const;
  /// Bytes of weights that a row reads.
  Index bytes() const { return matrix_.bytes(); }

 private:
  LinearWeights* weights_;
  kernels::RowMatrix matrix_;
  std::uint64_t version_ = 0;  // of the parameter when it was packed; 0: never
};

}  // namespace unfold
