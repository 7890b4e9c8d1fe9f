#include "tasks/metrics/labelling_metrics.h"

#include <algorithm>
#include <cmath>

#include "unfold/error.h"

namespace unfold {
namespace {

constexpr double kLeast = 1e-15;

double mean(double sum, Index count) { return count == 0 ? 0 : sum / static_cast<double>(count); }

double probability_of(std::int32_t label, std::span<const double> probabilities) {
  const auto place = static_cast<std::size_t>(label);
  return place < probabilities.size() ? probabilities[place] : 0;
}

}  // namespace

double log_loss(double probability) { return -std::log(std::max(probability, kLeast)); }

void ClassificationMetrics::add(std::int32_t truth, std::span<const double> probabilities) {
  const auto best = std::max_element(probabilities.begin(), probabilities.end());
  confusion.add(truth, static_cast<std::int32_t>(best - probabilities.begin()));
  nats += unfold::log_loss(probability_of(truth, probabilities));
}

double ClassificationMetrics::log_loss() const { return mean(nats, confusion.total()); }

void TaggingMetrics::add(std::span<const std::int32_t> truth, std::span<const std::int32_t> predicted,
                         std::span<const double> probabilities, const std::vector<bool>& known) {
  if (predicted.size() != truth.size() || known.size() != truth.size()) {
    throw ContractError("a sequence must have as many predictions as labels");
  }
  const std::size_t K = truth.empty() ? 0 : probabilities.size() / truth.size();
  bool any = false;
  bool all_right = true;
  for (std::size_t t = 0; t < truth.size(); ++t) {
    if (truth[t] < 0) continue;
    const bool right = truth[t] == predicted[t];
    any = true;
    all_right = all_right && right;
    confusion.add(truth[t], predicted[t]);
    nats += unfold::log_loss(probability_of(truth[t], probabilities.subspan(t * K, K)));
    if (known[t]) continue;
    ++unknown;
    if (right) ++right_unknown;
  }
  if (!any) return;
  ++sequences;
  if (all_right) ++right_sequences;
}

double TaggingMetrics::sequence_accuracy() const { return mean(static_cast<double>(right_sequences), sequences); }
double TaggingMetrics::unknown_accuracy() const { return mean(static_cast<double>(right_unknown), unknown); }
double TaggingMetrics::log_loss() const { return mean(nats, confusion.total()); }

}  // namespace unfold
