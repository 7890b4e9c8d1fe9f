// Clipping by the global norm. The sum of squares runs over fixed chunks, so that threads change no bit of it.
#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>

#include "base/threads.h"
#include "unfold/optimizer.h"

namespace unfold {

namespace {

constexpr std::size_t kChunk = std::size_t{1} << 16;
constexpr std::size_t kSums = 16;

double sum_of_squares(std::span<const float> values) {
  // Running sums side by side: one chain of additions would wait for itself, and these fill vectors.
  std::array<double, kSums> sums{};
  std::size_t i = 0;
  for (; i + kSums <= values.size(); i += kSums) {
    for (std::size_t k = 0; k < kSums; ++k) sums[k] += static_cast<double>(values[i + k]) * values[i + k];
  }
  for (; i < values.size(); ++i) sums[0] += static_cast<double>(values[i]) * values[i];
  return std::accumulate(sums.begin(), sums.end(), 0.0);
}

}  // namespace

double global_norm(const ParameterList& parameters) {
  std::vector<std::span<const float>> chunks;
  for (const Parameter* parameter : parameters) {
    if (!parameter->trainable()) continue;
    std::span<const float> values = parameter->gradient().values();
    for (; !values.empty(); values = values.subspan(std::min(kChunk, values.size()))) {
      chunks.push_back(values.first(std::min(kChunk, values.size())));
    }
  }
  std::vector<double> sums(chunks.size());
  parallel(static_cast<Index>(chunks.size()), [&](Index chunk) {
    const auto i = static_cast<std::size_t>(chunk);
    sums[i] = sum_of_squares(chunks[i]);
  });
  return std::sqrt(std::accumulate(sums.begin(), sums.end(), 0.0));
}

double clip_factor(double norm, double largest) { return largest > 0 && norm > largest ? largest / norm : 1.0; }

double clip_by_global_norm(const ParameterList& parameters, double largest) {
  const double norm = global_norm(parameters);
  const auto factor = static_cast<float>(clip_factor(norm, largest));
  if (factor == 1.0F) return norm;
  for (Parameter* parameter : parameters) {
    if (!parameter->trainable()) continue;
    for (float& value : parameter->gradient().values()) value *= factor;
  }
  return norm;
}

}  // namespace unfold
