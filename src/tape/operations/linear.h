// The linear map of rows, x W^T + b, with weights that are packed for the kernel once per change.
#pragma once

#include "tensor/kernels/gemm.h"
#include "unfold/tape.h"

namespace unfold {

/// A matrix W [O, I] and its packed forms for x W^T and dy W, which follow the parameter's version.
class LinearWeights {
 public:
  /// `matrix` [O, I]; `bias` [O] or null. Both outlive this object.
  explicit LinearWeights(Parameter& matrix, Parameter* bias = nullptr);

  Parameter& matrix() { return *matrix_; }
  Parameter* bias() { return bias_; }
  const kernels::PackedMatrix& forward();
  const kernels::PackedMatrix& backward();

 private:
  struct Packed {
    kernels::PackedMatrix matrix;
    std::uint64_t version = 0;  // of the parameter when it was packed; 0: never
  };
  const kernels::PackedMatrix& packed(Packed& packed, bool transposed);

  Parameter* matrix_;
  Parameter* bias_;
  Packed forward_;
  Packed backward_;
};

/// y = x W^T + b: [N, I] -> [N, O].
Variable linear(Tape& tape, Variable x, LinearWeights& weights);

/// The same without a tape, for rows of `x` into `y` [N, O].
void linear(const Tensor& x, LinearWeights& weights, Tensor& y);

}  // namespace unfold
