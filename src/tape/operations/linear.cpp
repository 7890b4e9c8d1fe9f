#include "tape/operations/linear.h"

#include <fmt/core.h>

#include <algorithm>
#include <utility>

#include "tape/operations/tiles.h"
#include "tensor/kernels/map.h"
#include "tensor/kernels/rounded_product.h"
#include "unfold/error.h"

namespace unfold {

namespace {

/// Extents of a tile of dW. One task per tile; each sums over all rows, so that no order of addition depends on
/// threads. A matrix of middling size is two tasks at least. In bfloat16 a task packs what it reads, and larger tiles
/// read less.
struct GradientTile {
  Index rows, columns;
};
GradientTile gradient_tile(Index inputs, bool rounds) {
  const Index half = ceil_divide(inputs / 2, Index{16}) * 16;
  if (rounds) return {512, std::clamp(half, Index{64}, Index{256})};
  return {128, std::clamp(half, Index{64}, Index{128})};
}

/// result [N, K] = rows [N, I] times a packed [I, K], plus `bias` [K] unless it is null, tile after tile of rows.
void multiply_rows(const Tensor& rows, const kernels::PackedMatrix& packed, const float* bias, Tensor& result) {
  const Index inner = packed.k();
  const Index columns = packed.n();
  for_tiles(rows.shape()[0], kRowsPerTile, [&](Index begin, Index end) {
    float* tile = result.data() + begin * columns;
    if (bias != nullptr) {
      for (Index row = 0; row < end - begin; ++row) std::copy_n(bias, columns, tile + row * columns);
    }
    kernels::multiply(rows.data() + begin * inner, inner, end - begin, packed, tile, columns, bias != nullptr);
  });
}

}  // namespace

void add_matrix_gradient(const float* dy, Index dy_stride, const float* x, Index rows, Index outputs, Index inputs,
                         float* gradient, Precision precision) {
  if (rows == 0) return;
  const bool rounds = precision == Precision::kBfloat16;
  const auto multiply = rounds ? kernels::multiply_transposed_rounded : kernels::multiply_transposed;
  const GradientTile size = gradient_tile(inputs, rounds);
  const Index tiles_across = ceil_divide(inputs, size.columns);
  const Index tiles_down = ceil_divide(outputs, size.rows);
  parallel(tiles_down * tiles_across, [&](Index tile) {
    const Index row = tile / tiles_across * size.rows;
    const Index column = tile % tiles_across * size.columns;
    const Index height = std::min(size.rows, outputs - row);
    const Index width = std::min(size.columns, inputs - column);
    float* sum = gradient + row * inputs + column;
    multiply(dy + row, dy_stride, x + column, inputs, height, width, rows, sum, inputs, true);
  });
}

LinearWeights::LinearWeights(Parameter& matrix, Parameter* bias, Rows rows)
    : matrix_(&matrix), bias_(bias), rows_(rows) {
  if (matrix.shape().rank() != 2 || (bias != nullptr && bias->shape() != Shape{matrix.shape()[0]})) {
    throw ContractError(fmt::format("linear expects a matrix [O, I] and a bias [O], found {} and {}",
                                    matrix.shape().text(), bias == nullptr ? "none" : bias->shape().text()));
  }
  if (rows_.count < 0) rows_.count = matrix.shape()[0] - rows_.first;
  if (rows_.first < 0 || rows_.count < 0 || rows_.first + rows_.count > matrix.shape()[0]) {
    throw ContractError(fmt::format("linear: rows {} to {} of a matrix of shape {}", rows_.first,
                                    rows_.first + rows_.count, matrix.shape().text()));
  }
}

const float* LinearWeights::bias_values() const {
  return bias_ == nullptr ? nullptr : std::as_const(*bias_).value().data() + rows_.first;
}

const kernels::PackedMatrix& LinearWeights::packed(Packed& packed, bool transposed, Precision precision) {
  if (packed.version != matrix_->version()) {
    const Index k = transposed ? inputs() : outputs();
    const Index n = transposed ? outputs() : inputs();
    const float* first = std::as_const(*matrix_).value().data() + rows_.first * inputs();
    packed.matrix.pack(first, k, n, inputs(), transposed, precision);
    packed.version = matrix_->version();
  }
  return packed.matrix;
}

const kernels::PackedMatrix& LinearWeights::forward(Precision precision) {
  return packed(forward_[static_cast<std::size_t>(precision)], true, precision);
}

const kernels::PackedMatrix& LinearWeights::backward(Precision precision) {
  return packed(backward_[static_cast<std::size_t>(precision)], false, precision);
}

void linear(const Tensor& x, LinearWeights& weights, Tensor& y) {
  if (x.shape().rank() != 2 || x.shape()[1] != weights.inputs()) {
    throw ContractError(fmt::format("linear: rows of shape {} for a matrix of shape {}", x.shape().text(),
                                    weights.matrix().shape().text()));
  }
  multiply_rows(x, weights.forward(), weights.bias_values(), y);
}

Variable linear(Tape& tape, Variable x, LinearWeights& weights) {
  Parameter& matrix = weights.matrix();
  Tensor y = Tensor::uninitialised({tape.shape(x)[0], weights.outputs()});
  linear(tape.value(x), weights, y);
  std::vector<Variable> operands = {x, tape.parameter(matrix)};
  if (weights.bias() != nullptr) operands.push_back(tape.parameter(*weights.bias()));
  return tape.record(std::move(y), operands, [x, &weights](Tape& back, const Tensor& dy) {
    // y = x W^T + b:  dW = dy^T x,  db = sum over rows of dy,  dx = dy W
    Parameter& w = weights.matrix();
    Parameter* b = weights.bias();
    const Index rows = dy.shape()[0];
    const Index outputs = weights.outputs();
    if (w.trainable()) {
      add_matrix_gradient(dy.data(), outputs, back.value(x).data(), rows, outputs, weights.inputs(),
                          w.gradient().data() + weights.first_row() * weights.inputs());
    }
    if (b != nullptr && b->trainable()) {
      kernels::add_column_sums(dy.data(), outputs, rows, outputs, b->gradient().data() + weights.first_row());
    }
    if (back.needs_gradient(x)) {
      Tensor dx = Tensor::uninitialised(back.shape(x));
      multiply_rows(dy, weights.backward(), nullptr, dx);
      back.add_gradient(x, std::move(dx));
    }
  });
}

}  // namespace unfold
