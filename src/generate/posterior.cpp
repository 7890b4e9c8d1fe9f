// Bayes' rule over models.
#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include "unfold/error.h"
#include "unfold/scoring.h"

namespace unfold {

std::vector<double> posterior(std::span<const double> log_probabilities, std::span<const double> priors) {
  if (priors.size() != log_probabilities.size()) throw ContractError("posterior: expected one prior for each model");
  const bool good = std::all_of(priors.begin(), priors.end(), [](double p) { return p >= 0 && std::isfinite(p); });
  if (!good || !(std::accumulate(priors.begin(), priors.end(), 0.0) > 0)) {
    throw UsageError("priors must be numbers from 0 up, and not all of them 0");
  }
  // A text that no model can have written changes nothing.
  const bool possible = std::any_of(log_probabilities.begin(), log_probabilities.end(),
                                    [](double log) { return log > -std::numeric_limits<double>::infinity(); });
  std::vector<double> result;
  for (std::size_t i = 0; i < priors.size(); ++i) {
    result.push_back(std::log(priors[i]) + (possible ? log_probabilities[i] : 0));
  }
  const double largest = *std::max_element(result.begin(), result.end());
  double total = 0;
  for (double& log : result) total += log = std::exp(log - largest);
  for (double& p : result) p /= total;
  return result;
}

}  // namespace unfold
