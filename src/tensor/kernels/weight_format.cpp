#include "tensor/kernels/weight_format.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <utility>

#include "tensor/kernels/bfloat16_naive.h"
#include "unfold/error.h"

namespace unfold {

namespace {

constexpr std::array<std::pair<WeightFormat, std::string_view>, 3> kNames = {
    {{WeightFormat::kF32, "f32"}, {WeightFormat::kBf16, "bf16"}, {WeightFormat::kInt8, "int8"}}};

}  // namespace

std::string_view weight_format_name(WeightFormat format) { return kNames[static_cast<std::size_t>(format)].second; }

WeightFormat parse_weight_format(std::string_view name) {
  for (const auto& [format, known] : kNames) {
    if (known == name) return format;
  }
  throw UsageError(fmt::format("the format of weights is '{}'; it can be 'f32', 'bf16' or 'int8'", name));
}

namespace kernels {

Index bytes_of(WeightFormat format) {
  switch (format) {
    case WeightFormat::kF32: return 4;
    case WeightFormat::kBf16: return 2;
    case WeightFormat::kInt8: break;
  }
  return 1;
}

float int8_scale(const float* row, Index count) {
  float largest = 0;
  for (Index i = 0; i < count; ++i) largest = std::max(largest, std::abs(row[i]));
  return largest > 0 ? largest / static_cast<float>(kInt8Limit) : 1.0F;
}

std::int8_t to_int8(float value, float scale) {
  const float limit = static_cast<float>(kInt8Limit);
  return static_cast<std::int8_t>(std::nearbyint(std::clamp(value / scale, -limit, limit)));
}

void round_rows(WeightFormat format, float* w, Index rows, Index columns) {
  if (format == WeightFormat::kBf16) {
    for (Index i = 0; i < rows * columns; ++i) w[i] = naive::widen(naive::round_to_bfloat16(w[i]));
  }
  if (format != WeightFormat::kInt8) return;
  for (Index i = 0; i < rows; ++i) {
    float* row = w + i * columns;
    const float scale = int8_scale(row, columns);
    for (Index j = 0; j < columns; ++j) row[j] = static_cast<float>(to_int8(row[j], scale)) * scale;
  }
}

}  // namespace kernels

}  // namespace unfold
