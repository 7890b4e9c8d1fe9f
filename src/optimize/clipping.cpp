// Clipping by value and by the global norm. Sums run over fixed pieces, so that threads change no bit of them.
#include "unfold/clipping.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "base/threads.h"
#include "optimize/tiles.h"
#include "tensor/kernels/map.h"
#include "tensor/kernels/update.h"

namespace unfold {

namespace {

/// The gradients of all parameters in pieces: many are too small to be split.
std::vector<std::span<float>> pieces_of_gradients(const ParameterList& parameters) {
  std::vector<std::span<float>> pieces;
  for (Parameter* parameter : parameters) {
    if (!parameter->trainable()) continue;
    std::span<float> values = parameter->gradient().values();
    while (!values.empty()) {
      pieces.push_back(values.first(std::min(static_cast<std::size_t>(kElementsPerUpdate), values.size())));
      values = values.subspan(pieces.back().size());
    }
  }
  return pieces;
}

}  // namespace

double global_norm(const ParameterList& parameters) {
  const std::vector<std::span<float>> pieces = pieces_of_gradients(parameters);
  std::vector<double> sums(pieces.size());
  parallel(static_cast<Index>(pieces.size()), [&](Index piece) {
    const auto i = static_cast<std::size_t>(piece);
    sums[i] = kernels::squared_norm(pieces[i].data(), static_cast<Index>(pieces[i].size()));
  });
  return std::sqrt(std::accumulate(sums.begin(), sums.end(), 0.0));
}

void clip_values(const ParameterList& parameters, double largest) {
  const std::vector<std::span<float>> pieces = pieces_of_gradients(parameters);
  parallel(static_cast<Index>(pieces.size()), [&](Index i) {
    const std::span<float> piece = pieces[static_cast<std::size_t>(i)];
    kernels::clip(piece.data(), static_cast<float>(largest), static_cast<Index>(piece.size()));
  });
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
