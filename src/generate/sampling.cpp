#include "unfold/sampling.h"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include "tensor/kernels/map.h"
#include "unfold/error.h"

namespace unfold {

namespace {

void expect(bool good, const char* name, const char* wanted, double found) {
  if (!good) throw UsageError(fmt::format("{} must be {}, not {}", name, wanted, found));
}

std::vector<float> penalised(std::span<const float> log_probabilities, double penalty,
                             std::span<const std::uint8_t> repeated) {
  std::vector<float> scores(log_probabilities.begin(), log_probabilities.end());
  if (penalty == 1) return scores;
  for (std::size_t i = 0; i < repeated.size(); ++i) {
    if (repeated[i] != 0) scores[i] = static_cast<float>(scores[i] * penalty);
  }
  return scores;
}

void normalise(std::vector<double>& weights) {
  const double share = 1 / std::accumulate(weights.begin(), weights.end(), 0.0);
  for (double& weight : weights) weight *= share;
}

/// exp(scores / temperature), relative to the largest, so that nothing overflows at any temperature.
std::vector<double> heated(std::vector<float> scores, double temperature) {
  const float largest = kernels::row_reductions().max(scores.data(), std::ssize(scores));
  if (!(largest > -std::numeric_limits<float>::infinity())) {
    throw InputError("the model gives every symbol that may follow the probability 0");
  }
  std::vector<double> weights(scores.size(), 0.0);
  if (temperature == 0) {
    weights[static_cast<std::size_t>(std::ranges::find(scores, largest) - scores.begin())] = 1;
    return weights;
  }
  for (float& score : scores) score = static_cast<float>((double{score} - largest) / temperature);
  kernels::map_kernel(kernels::Function::kExp)(scores.data(), scores.data(), nullptr, nullptr, std::ssize(scores));
  std::ranges::copy(scores, weights.begin());
  normalise(weights);
  return weights;
}

/// The symbols by falling probability, the first of equal ones first.
std::vector<std::size_t> ranking(const std::vector<double>& weights) {
  std::vector<std::size_t> order(weights.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) { return weights[a] > weights[b]; });
  return order;
}

/// Keeps the first `count` of the order.
void keep(std::vector<double>& weights, const std::vector<std::size_t>& order, std::size_t count) {
  for (std::size_t rank = count; rank < order.size(); ++rank) weights[order[rank]] = 0;
  normalise(weights);
}

/// How many of the most probable have `share` together.
std::size_t nucleus(const std::vector<double>& weights, const std::vector<std::size_t>& order, double share) {
  double sum = 0;
  std::size_t count = 0;
  while (count < order.size() && sum < share) sum += weights[order[count++]];
  return count;
}

}  // namespace

void Sampling::check() const {
  expect(temperature >= 0 && std::isfinite(temperature), "temperature", "a number from 0 (greedy) up", temperature);
  expect(repetition_penalty > 0 && std::isfinite(repetition_penalty), "repetition-penalty", "a number above 0",
         repetition_penalty);
  expect(top_k >= 0, "top-k", "0 (all symbols) or more", static_cast<double>(top_k));
  expect(top_p > 0 && top_p <= 1, "top-p", "above 0 and at most 1", top_p);
  expect(min_p >= 0 && min_p <= 1, "min-p", "from 0 to 1", min_p);
}

std::vector<double> sampling_distribution(std::span<const float> log_probabilities, const Sampling& sampling,
                                          std::span<const std::uint8_t> repeated) {
  sampling.check();
  if (log_probabilities.empty()) throw ContractError("there is no symbol to draw");
  if (repeated.size() > log_probabilities.size()) throw ContractError("more repeated symbols than symbols");
  std::vector<double> weights =
      heated(penalised(log_probabilities, sampling.repetition_penalty, repeated), sampling.temperature);
  if (sampling.top_k > 0 || sampling.top_p < 1) {
    const std::vector<std::size_t> order = ranking(weights);
    if (sampling.top_k > 0) keep(weights, order, std::min(order.size(), static_cast<std::size_t>(sampling.top_k)));
    if (sampling.top_p < 1) keep(weights, order, nucleus(weights, order, sampling.top_p));
  }
  if (sampling.min_p > 0) {
    const double least = sampling.min_p * *std::max_element(weights.begin(), weights.end());
    for (double& weight : weights) weight = weight < least ? 0 : weight;
    normalise(weights);
  }
  return weights;
}

std::int32_t draw(std::span<const double> distribution, double uniform) {
  double sum = 0;
  std::size_t last = 0;  // with a probability: rounding may leave the sum just below `uniform`
  for (std::size_t i = 0; i < distribution.size(); ++i) {
    if (distribution[i] <= 0) continue;
    sum += distribution[i];
    last = i;
    if (uniform < sum) break;
  }
  return static_cast<std::int32_t>(last);
}

}  // namespace unfold
