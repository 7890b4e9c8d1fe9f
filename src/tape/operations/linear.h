// The linear map of rows, x W^T + b, with weights that are packed for the kernel once per change.
#pragma once

#include <array>

#include "tensor/kernels/gemm.h"
#include "unfold/tape.h"

namespace unfold {

/// A range of rows W [O, I] of a matrix, and its packed forms for x W^T and dy W, which follow the parameter's version.
class LinearWeights {
 public:
  struct Rows {
    Index first = 0;
    Index count = -1;  // -1: all from there on
  };
  /// `matrix` [R, I]; `bias` [R] or null. Both outlive this object. `rows` are those of both that are used.
  explicit LinearWeights(Parameter& matrix, Parameter* bias = nullptr) : LinearWeights(matrix, bias, {}) {}
  LinearWeights(Parameter& matrix, Parameter* bias, Rows rows);

  Parameter& matrix() { return *matrix_; }
  Parameter* bias() { return bias_; }
  Index inputs() const { return matrix_->shape()[1]; }
  Index outputs() const { return rows_.count; }
  Index first_row() const { return rows_.first; }
  /// The first of the O biases, or null.
  const float* bias_values() const;
  const kernels::PackedMatrix& forward(Precision precision = Precision::kFloat32);
  const kernels::PackedMatrix& backward(Precision precision = Precision::kFloat32);

 private:
  struct Packed {
    kernels::PackedMatrix matrix;
    std::uint64_t version = 0;  // of the parameter when it was packed; 0: never
  };
  const kernels::PackedMatrix& packed(Packed& packed, bool transposed, Precision precision);

  Parameter* matrix_;
  Parameter* bias_;
  Rows rows_;
  std::array<Packed, 2> forward_;  // by precision
  std::array<Packed, 2> backward_;
};

/// y = x W^T + b: [N, I] -> [N, O].
Variable linear(Tape& tape, Variable x, LinearWeights& weights);

/// The same without a tape, for rows of `x` into `y` [N, O].
void linear(const Tensor& x, LinearWeights& weights, Tensor& y);

/// dW [O, I] += dy^T x for dy [N, O], its rows `dy_stride` apart, and x [N, I].
void add_matrix_gradient(const float* dy, Index dy_stride, const float* x, Index rows, Index outputs, Index inputs,
                         float* gradient, Precision precision = Precision::kFloat32);

}  // namespace unfold
