// Clipping by value and by the global norm. Sums run over fixed chunks, so that threads change no bit of them.
#include "unfold/clipping.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "base/threads.h"
#include "optimize/tiles.h"
#include "tensor/kernels/map.h"
#include "tensor/kernels/update.h"

namespace unfold {

double global_norm(const ParameterList& parameters) {
  std::vector<std::span<const float>> chunks;
  for (const Parameter* parameter : parameters) {
    if (!parameter->trainable()) continue;
    std::span<const float> values = parameter->gradient().values();
    while (!values.empty()) {
      const std::size_t size = std::min(static_cast<std::size_t>(kElementsPerUpdate), values.size());
      chunks.push_back(values.first(size));
      values = values.subspan(size);
    }
  }
  std::vector<double> sums(chunks.size());
  parallel(static_cast<Index>(chunks.size()), [&](Index chunk) {
    const auto i = static_cast<std::size_t>(chunk);
    sums[i] = kernels::squared_norm(chunks[i].data(), static_cast<Index>(chunks[i].size()));
  });
  return std::sqrt(std::accumulate(sums.begin(), sums.end(), 0.0));
}

void clip_values(const ParameterList& parameters, double largest) {
  for (Parameter* parameter : parameters) {
    if (!parameter->trainable()) continue;
    float* gradient = parameter->gradient().data();
    for_tiles(parameter->shape().count(), kElementsPerUpdate, [&](Index begin, Index end) {
      kernels::clip(gradient + begin, static_cast<float>(largest), end - begin);
    });
  }
}

double clip_factor(double norm, double largest) { return largest > 0 && norm > largest ? largest / norm : 1.0; }

ClippedGradient clip_gradient(const ParameterList& parameters, const Clipping& clipping) {
  const double norm = global_norm(parameters);
  if (!std::isfinite(norm)) return {.norm = norm, .factor = 1};
  if (clipping.value <= 0) return {.norm = norm, .factor = clip_factor(norm, clipping.norm)};
  clip_values(parameters, clipping.value);
  const double left = clipping.norm > 0 ? global_norm(parameters) : 0;
  return {.norm = norm, .factor = clip_factor(left, clipping.norm)};
}

}  // namespace unfold
