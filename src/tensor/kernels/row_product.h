// Products of few rows with a matrix: what a step of streaming is made of. One row reads every weight once, so the
// kernel is as fast as the memory that holds them, and the weights may be kept in fewer bytes.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>

#include "tensor/kernels/columns.h"
#include "tensor/kernels/weight_format.h"
#include "unfold/tensor.h"

namespace unfold::kernels {

/// The right-hand operand B [K, N] of Y = X B. Weights lie in the order in which the kernel reads them: panel after
/// panel of kPanel columns, in a panel row after row (see row_product.cpp for the order within a row).
class RowMatrix {
 public:
  static constexpr Index kPanel = 128;
  /// Columns are filled up with zeros to a multiple of this.
  static constexpr Index kGroup = 32;

  RowMatrix() = default;
  /// From b [K, N], row-major with `stride` elements between rows. kInt8: column j is kept in multiples of scales[j].
  RowMatrix(const float* b, Index k, Index n, Index stride, WeightFormat format, std::span<const float> scales = {});

  Index k() const { return k_; }
  Index n() const { return n_; }
  WeightFormat format() const { return format_; }
  /// Bytes that a product reads.
  Index bytes() const { return bytes_; }
  /// Per column, the scale of kInt8.
  const float* scales() const { return scales_.data(); }
  /// Where a panel begins, and its columns with the filling.
  const std::byte* panel(Index panel) const;
  Index width(Index panel) const;
  /// Element (k, j) as it is kept.
  float element(Index k, Index j) const;

  /// Magnitudes of an activation's whole numbers beside kInt8 weights: at most 15 bits, and few enough for K products
  /// to add up to less than 2^31.
  static int activation_limit(Index k);

 private:
  void put(Index k, Index j, float value);
  std::byte* place(Index k, Index j) const;

  Index k_ = 0;
  Index n_ = 0;
  Index rows_ = 0;  // K, filled up to pairs for kInt8
  WeightFormat format_ = WeightFormat::kF32;
  Index bytes_ = 0;
  Tensor memory_;
  Tensor scales_;
};

/// Y [rows, N] = X [rows, K] B, or Y += X B. Strides in elements. Sums over K run in order, one per column, so that a
/// row's result depends neither on the other rows nor on their number. In float32; beside kInt8 weights each row of X
/// is rounded to whole numbers of activation_limit(K) at its largest element and the sum is exact. Threads share the
/// panels of a large matrix; no number of them changes a bit. The first call of a thread may allocate for kInt8.
void multiply_rows(const float* x, Index x_stride, Index rows, const RowMatrix& b, float* y, Index y_stride,
                   bool accumulate);

/// Some columns of the same, on the calling thread; the others are left as they are. `columns` are whole panels, and
/// `y` points to column 0.
void multiply_rows(const float* x, Index x_stride, Index rows, const RowMatrix& b, Columns columns, float* y,
                   Index y_stride, bool accumulate);

/// The nearest whole numbers to x * limit / (largest magnitude of x), to q [count]; returns the size of a whole number,
/// which is NaN where an element is not finite.
float quantise_row(const float* x, Index count, int limit, std::int16_t* q);

namespace naive {

void multiply_rows(const float* x, Index x_stride, Index rows, const RowMatrix& b, Columns columns, float* y,
                   Index y_stride, bool accumulate);
float quantise_row(const float* x, Index count, int limit, std::int16_t* q);

}  // namespace naive

}  // namespace unfold::kernels
