// The weights of row_product.h in memory, and the naive twin of their product.
#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>
#include <vector>

#include "tensor/kernels/bfloat16_naive.h"
#include "tensor/kernels/pages.h"
#include "tensor/kernels/row_product.h"
#include "tensor/kernels/weight_format.h"

namespace unfold::kernels {

namespace {

Index round_up(Index value, Index multiple) { return (value + multiple - 1) / multiple * multiple; }

}  // namespace

RowMatrix::RowMatrix(const float* b, Index k, Index n, Index stride, WeightFormat format, std::span<const float> scales)
    : k_(k),
      n_(n),
      rows_(format == WeightFormat::kInt8 ? round_up(k, 2) : k),
      format_(format),
      bytes_(rows_ * round_up(n, kGroup) * bytes_of(format)),
      memory_(Tensor::uninitialised({bytes_ / 4})) {
  prefer_large_pages(memory_.data(), static_cast<std::size_t>(bytes_));
  memory_.fill(0);
  if (format == WeightFormat::kInt8) scales_ = Tensor({n}, scales);
  for (Index i = 0; i < k; ++i) {
    for (Index j = 0; j < n; ++j) put(i, j, b[i * stride + j]);
  }
}

Index RowMatrix::width(Index panel) const { return std::min(kPanel, round_up(n_, kGroup) - panel * kPanel); }

const std::byte* RowMatrix::panel(Index panel) const {
  return reinterpret_cast<const std::byte*>(memory_.data()) + panel * kPanel * rows_ * bytes_of(format_);
}

/// Within a row of a panel: float32 in the order of columns. bfloat16 in words that hold column j of a group of 32
/// below and column j + 16 above, so that a shift and a mask make two vectors of floats. int8 in pairs of rows, column
/// after column, as instructions that multiply and add pairs want them.
std::byte* RowMatrix::place(Index k, Index j) const {
  const Index number = j / kPanel;
  const Index column = j % kPanel;
  const Index width_here = width(number);
  auto* start = const_cast<std::byte*>(panel(number));
  switch (format_) {
    case WeightFormat::kF32: return start + (k * width_here + column) * 4;
    case WeightFormat::kBf16: {
      const Index group = column / 32;
      const Index within = column % 32;
      return start + (k * width_here + group * 32 + within % 16 * 2 + within / 16) * 2;
    }
    case WeightFormat::kInt8: break;
  }
  return start + k / 2 * 2 * width_here + column * 2 + k % 2;
}

void RowMatrix::put(Index k, Index j, float value) {
  std::byte* to = place(k, j);
  switch (format_) {
    case WeightFormat::kF32: std::memcpy(to, &value, sizeof value); break;
    case WeightFormat::kBf16: {
      const Bfloat16 half = naive::round_to_bfloat16(value);
      std::memcpy(to, &half, sizeof half);
      break;
    }
    case WeightFormat::kInt8: *to = static_cast<std::byte>(to_int8(value, scales_[j])); break;
  }
}

float RowMatrix::element(Index k, Index j) const {
  const std::byte* from = place(k, j);
  switch (format_) {
    case WeightFormat::kF32: {
      float value;
      std::memcpy(&value, from, sizeof value);
      return value;
    }
    case WeightFormat::kBf16: {
      Bfloat16 half;
      std::memcpy(&half, from, sizeof half);
      return naive::widen(half);
    }
    case WeightFormat::kInt8: break;
  }
  return static_cast<float>(static_cast<std::int8_t>(*from)) * scales_[j];
}

int RowMatrix::activation_limit(Index k) {
  const Index most = std::numeric_limits<std::int32_t>::max() / (kInt8Limit * std::max(k, Index{1}));
  return static_cast<int>(std::clamp(most, Index{1}, Index{std::numeric_limits<std::int16_t>::max()}));
}

namespace naive {

float quantise_row(const float* x, Index count, int limit, std::int16_t* q) {
  float largest = 0, finite = 0;
  for (Index i = 0; i < count; ++i) {
    largest = std::max(largest, std::abs(x[i]));
    finite += x[i] * 0.0F;
  }
  if (finite != 0.0F || !(largest > 0)) {
    std::fill_n(q, count, std::int16_t{0});
    return finite;
  }
  const float per_unit = static_cast<float>(limit) / largest;
  for (Index i = 0; i < count; ++i) q[i] = static_cast<std::int16_t>(std::nearbyint(x[i] * per_unit));
  return largest / static_cast<float>(limit);
}

namespace {

/// The sum over K of whole numbers, for one column.
std::int64_t whole_sum(const std::vector<std::int16_t>& q, const RowMatrix& b, Index j) {
  std::int64_t sum = 0;
  for (Index p = 0; p < b.k(); ++p) {
    sum += std::int64_t{q[static_cast<std::size_t>(p)]} * std::llround(b.element(p, j) / b.scales()[j]);
  }
  return sum;
}

}  // namespace

void multiply_rows(const float* x, Index x_stride, Index rows, const RowMatrix& b, Columns columns, float* y,
                   Index y_stride, bool accumulate) {
  std::vector<std::int16_t> q(static_cast<std::size_t>(b.k()));
  for (Index i = 0; i < rows; ++i) {
    const float* row = x + i * x_stride;
    const bool whole = b.format() == WeightFormat::kInt8;
    const float unit = whole ? quantise_row(row, b.k(), RowMatrix::activation_limit(b.k()), q.data()) : 0.0F;
    for (Index j = columns.first; j < columns.last; ++j) {
      float sum = 0;
      if (whole) {
        sum = static_cast<float>(whole_sum(q, b, j)) * (unit * b.scales()[j]);
      } else {
        for (Index p = 0; p < b.k(); ++p) sum += row[p] * b.element(p, j);
      }
      float& to = y[i * y_stride + j];
      to = accumulate ? to + sum : sum;
    }
  }
}

}  // namespace naive

}  // namespace unfold::kernels
