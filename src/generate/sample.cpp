// Sampling with temperature.
#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <vector>

#include "unfold/error.h"
#include "unfold/generate.h"

namespace unfold {

std::int32_t sample(std::span<const float> log_probabilities, double temperature, double uniform) {
  if (log_probabilities.empty()) throw ContractError("there is no symbol to sample");
  if (!(temperature >= 0 && std::isfinite(temperature))) {
    throw UsageError(fmt::format("the temperature must be a number from 0 (greedy) up, not {}", temperature));
  }
  const auto best = std::max_element(log_probabilities.begin(), log_probabilities.end());
  const auto best_token = static_cast<std::int32_t>(best - log_probabilities.begin());
  if (temperature == 0) return best_token;

  // Relative to the most probable symbol, so that the largest weight is 1 at any temperature.
  std::vector<double> cumulative;
  double total = 0;
  for (const float value : log_probabilities) {
    total += std::exp((static_cast<double>(value) - *best) / temperature);
    cumulative.push_back(total);
  }
  const auto chosen = std::upper_bound(cumulative.begin(), cumulative.end(), uniform * total);
  // Rounding may put uniform * total at the very end.
  return chosen == cumulative.end() ? best_token : static_cast<std::int32_t>(chosen - cumulative.begin());
}

}  // namespace unfold
