// Dropout of rows on the tape, and rows scaled one by one.
#include <fmt/core.h>

#include <algorithm>
#include <vector>

#include "tape/operations/tiles.h"
#include "tensor/kernels/random_mask.h"
#include "unfold/error.h"
#include "unfold/tape.h"

namespace unfold {

namespace {

/// values[n, j] *= mask, which is 0 with probability `rate`, else 1 / (1 - rate): a function of (keys[n], j) alone.
void apply_masks(Tensor& values, double rate, std::span<const std::uint64_t> keys) {
  const auto kept = static_cast<float>(1.0 / (1.0 - rate));
  const Index columns = values.shape()[1];
  for_tiles(values.shape()[0], kRowsPerTile, [&](Index begin, Index end) {
    std::vector<float> mask(static_cast<std::size_t>(columns));
    for (Index row = begin; row < end; ++row) {
      kernels::draw_mask({.key = keys[static_cast<std::size_t>(row)]}, rate, kept, columns, mask.data());
      float* x = values.data() + row * columns;
      for (Index j = 0; j < columns; ++j) x[j] *= mask[static_cast<std::size_t>(j)];
    }
  });
}

void apply_factors(Tensor& values, std::span<const float> factors) {
  const Index columns = values.shape()[1];
  for_tiles(values.shape()[0], kRowsPerTile, [&](Index begin, Index end) {
    for (Index i = begin * columns; i < end * columns; ++i) values[i] *= factors[static_cast<std::size_t>(i / columns)];
  });
}

void expect_one_per_row(const char* operation, const Shape& shape, std::size_t count) {
  if (shape.rank() == 2 && shape[0] == static_cast<Index>(count)) return;
  throw ContractError(
      fmt::format("{} expects [N, F] and N values, one a row; found {} and {} values", operation, shape.text(), count));
}

Tensor copy_of(Tape& tape, Variable x) {
  const Tensor& value = tape.value(x);
  Tensor copy = Tensor::uninitialised(value.shape());
  std::copy(value.values().begin(), value.values().end(), copy.data());
  return copy;
}

}  // namespace

Variable dropout(Tape& tape, Variable x, double rate, std::span<const std::uint64_t> keys) {
  if (!(rate >= 0.0 && rate < 1.0)) throw ContractError(fmt::format("dropout's rate must be in [0, 1), not {}", rate));
  expect_one_per_row("dropout", tape.shape(x), keys.size());
  if (rate == 0.0) return x;
  Tensor y = copy_of(tape, x);
  apply_masks(y, rate, keys);
  return tape.record(std::move(y), {x}, [=, kept = std::vector(keys.begin(), keys.end())](Tape& back, Tensor dy) {
    // y = mask * x:  dx = mask * dy, the mask drawn again
    apply_masks(dy, rate, kept);
    back.add_gradient(x, std::move(dy));
  });
}

Variable scale_rows(Tape& tape, Variable x, std::span<const float> factors) {
  expect_one_per_row("scale_rows", tape.shape(x), factors.size());
  Tensor y = copy_of(tape, x);
  apply_factors(y, factors);
  return tape.record(std::move(y), {x}, [=, kept = std::vector(factors.begin(), factors.end())](Tape& back, Tensor dy) {
    // y_n = c_n x_n:  dx_n = c_n dy_n
    apply_factors(dy, kept);
    back.add_gradient(x, std::move(dy));
  });
}

}  // namespace unfold
