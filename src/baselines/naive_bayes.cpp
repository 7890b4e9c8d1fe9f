#include "unfold/naive_bayes.h"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>

#include "unfold/error.h"

namespace unfold {
namespace {

void expect_examples(std::span<const std::vector<std::string>> features, std::span<const std::int32_t> labels,
                     Index label_count, double smoothing) {
  if (features.size() != labels.size()) throw ContractError("there must be a label for each example");
  if (features.empty()) throw InputError("there is no labelled example to count");
  if (!(smoothing > 0)) throw UsageError(fmt::format("the smoothing must be above 0, not {}", smoothing));
  for (const std::int32_t label : labels) {
    if (label < 0 || label >= label_count) {
      throw ContractError(fmt::format("label {}: expected 0 <= label < {}", label, label_count));
    }
  }
}

}  // namespace

NaiveBayes NaiveBayes::count(std::span<const std::vector<std::string>> features, std::span<const std::int32_t> labels,
                             Index label_count, double smoothing) {
  expect_examples(features, labels, label_count, smoothing);
  const auto K = static_cast<std::size_t>(label_count);
  Tables tables{.log_prior = std::vector<double>(K), .features = NamedRows(label_count)};
  std::vector<double> totals(K);
  for (std::size_t i = 0; i < features.size(); ++i) {
    const auto label = static_cast<std::size_t>(labels[i]);
    ++tables.log_prior[label];
    totals[label] += static_cast<double>(features[i].size());
    for (const std::string& feature : features[i]) ++tables.features.row(feature)[label];
  }
  const auto different = static_cast<double>(tables.features.names().size());
  for (const std::string& feature : tables.features.names()) {
    const std::span<double> row = tables.features.row(feature);
    for (std::size_t k = 0; k < K; ++k) row[k] = std::log((row[k] + smoothing) / (totals[k] + smoothing * different));
  }
  for (double& n : tables.log_prior) n = std::log(n / static_cast<double>(features.size()));
  return NaiveBayes(std::move(tables));
}

NaiveBayes::NaiveBayes(Tables tables) : tables_(std::move(tables)) {
  const std::vector<double>& prior = tables_.log_prior;
  const auto is_log = [](double value) { return value <= 0; };
  const std::vector<double>& values = tables_.features.values();
  if (prior.empty() || tables_.features.width() != labels() || !std::all_of(prior.begin(), prior.end(), is_log) ||
      std::all_of(prior.begin(), prior.end(), [](double value) { return std::isinf(value); }) ||
      !std::all_of(values.begin(), values.end(), [&](double value) { return is_log(value) && std::isfinite(value); })) {
    throw InputError("the tables of the naive Bayes model do not belong together");
  }
}

std::vector<double> NaiveBayes::probabilities(std::span<const std::string> features) const {
  std::vector<double> values = tables_.log_prior;
  for (const std::string& feature : features) {
    const std::span<const double> row = tables_.features.find(feature);
    for (std::size_t k = 0; k < row.size(); ++k) values[k] += row[k];
  }
  const double largest = *std::max_element(values.begin(), values.end());
  double sum = 0;
  for (double& value : values) sum += value = std::exp(value - largest);
  for (double& value : values) value /= sum;
  return values;
}

}  // namespace unfold
