#include <fmt/core.h>

#include <cmath>

#include "unfold/error.h"
#include "unfold/preparation.h"

namespace unfold {
namespace {

/// Calls use(i, value) for every value that is there, i its place in the vector.
template <class Use>
void for_each_value(const SequenceData& data, Index width, const Use& use) {
  for (const Sequence& sequence : data.sequences) {
    const std::span<const float> values = sequence.values.values();
    for (std::size_t k = 0; k < values.size(); ++k) {
      if (!std::isnan(values[k])) use(k % static_cast<std::size_t>(width), static_cast<double>(values[k]));
    }
  }
}

}  // namespace

Standardisation Standardisation::of(const SequenceData& data) {
  if (data.kind != SequenceKind::kVectors) throw ContractError("only sequences of vectors can be standardised");
  const auto width = static_cast<std::size_t>(data.width());
  std::vector<double> count(width), sum(width), squares(width);
  for_each_value(data, data.width(), [&](std::size_t i, double value) {
    ++count[i];
    sum[i] += value;
  });
  // The second pass takes the mean off first: a large mean would leave no digits to the deviation.
  for_each_value(data, data.width(), [&](std::size_t i, double value) {
    const double difference = value - sum[i] / count[i];
    squares[i] += difference * difference;
  });
  Standardisation result;
  for (std::size_t i = 0; i < width; ++i) {
    const double deviation = count[i] > 0 ? std::sqrt(squares[i] / count[i]) : 0;
    result.mean.push_back(count[i] > 0 ? static_cast<float>(sum[i] / count[i]) : 0);
    result.deviation.push_back(deviation > 0 ? static_cast<float>(deviation) : 1);
  }
  return result;
}

void Standardisation::apply(Tensor& values) const {
  const std::size_t width = mean.size();
  if (values.shape().rank() != 2 || values.shape()[1] != static_cast<Index>(width)) {
    throw ContractError(
        fmt::format("statistics of {} numbers cannot be applied to values {}", width, values.shape().text()));
  }
  const std::span<float> all = values.values();
  for (std::size_t k = 0; k < all.size(); ++k) {
    const std::size_t i = k % width;
    all[k] = std::isnan(all[k]) ? 0 : (all[k] - mean[i]) / deviation[i];
  }
}

}  // namespace unfold
