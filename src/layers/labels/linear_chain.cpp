#include "layers/labels/linear_chain.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "unfold/labels.h"

namespace unfold {
namespace {

constexpr double kImpossible = -std::numeric_limits<double>::infinity();

/// log(exp(a_1) + exp(a_2) + ...), without overflow.
double log_sum_exp(std::span<const double> values) {
  const double largest = *std::max_element(values.begin(), values.end());
  if (!std::isfinite(largest)) return largest;
  double sum = 0;
  for (const double value : values) {
    if (value != kImpossible) sum += std::exp(value - largest);
  }
  return largest + std::log(sum);
}

/// One row of a table [T, K].
template <class Table>
auto row_of(Table& table, std::size_t t, std::size_t K) {
  return std::span(table).subspan(t * K, K);
}

/// alpha[t][k]: log of the sum of exp(score) over the labellings of steps 1 to t that end with k. [T, K]
std::vector<double> forward(const ChainWeights& weights, std::span<const double> scores) {
  const std::size_t K = weights.labels();
  std::vector<double> alpha(scores.begin(), scores.end());
  for (std::size_t k = 0; k < K && !alpha.empty(); ++k) alpha[k] += weights.start[k];
  std::vector<double> ways(K);
  for (std::size_t t = 1; t < alpha.size() / K; ++t) {
    const std::span<const double> before = row_of(alpha, t - 1, K);
    const std::span<double> now = row_of(alpha, t, K);
    for (std::size_t b = 0; b < K; ++b) {
      if (now[b] == kImpossible) continue;
      for (std::size_t a = 0; a < K; ++a) ways[a] = before[a] + weights.transitions[a * K + b];
      now[b] += log_sum_exp(ways);
    }
  }
  return alpha;
}

double finish(const ChainWeights& weights, std::span<const double> alpha) {
  if (alpha.empty()) return 0;
  const std::size_t K = weights.labels();
  std::vector<double> ends(alpha.end() - static_cast<std::ptrdiff_t>(K), alpha.end());
  for (std::size_t k = 0; k < K; ++k) ends[k] += weights.end[k];
  return log_sum_exp(ends);
}

}  // namespace

double log_sum(const ChainWeights& weights, std::span<const double> scores) {
  return finish(weights, forward(weights, scores));
}

ChainExpectation expectation(const ChainWeights& weights, std::span<const double> scores) {
  const std::size_t K = weights.labels();
  const std::vector<double> alpha = forward(weights, scores);
  ChainExpectation result{.log_sum = finish(weights, alpha),
                          .steps = std::vector<double>(scores.size()),
                          .transitions = std::vector<double>(K * K)};
  if (result.log_sum == kImpossible) return result;
  // beta[k]: log of the sum of exp(score) over what may follow a step with label k.
  std::vector<double> beta = weights.end;
  std::vector<double> ways(K);
  for (std::size_t t = scores.size() / K; t-- > 0;) {
    const std::span<double> steps = row_of(result.steps, t, K);
    const std::span<const double> until = row_of(alpha, t, K);
    for (std::size_t k = 0; k < K; ++k) steps[k] = std::exp(until[k] + beta[k] - result.log_sum);
    if (t == 0) break;
    const std::span<const double> before = row_of(alpha, t - 1, K);
    for (std::size_t b = 0; b < K; ++b) beta[b] += scores[t * K + b];
    std::vector<double> earlier(K, kImpossible);
    for (std::size_t a = 0; a < K; ++a) {
      if (before[a] == kImpossible) continue;
      for (std::size_t b = 0; b < K; ++b) {
        ways[b] = weights.transitions[a * K + b] + beta[b];
        if (ways[b] != kImpossible) result.transitions[a * K + b] += std::exp(before[a] + ways[b] - result.log_sum);
      }
      earlier[a] = log_sum_exp(ways);
    }
    beta.swap(earlier);
  }
  return result;
}

std::vector<std::int32_t> best_labelling(const ChainWeights& weights, std::span<const double> scores) {
  const std::size_t K = weights.labels();
  const std::size_t T = scores.size() / K;
  std::vector<std::int32_t> labels(T);
  if (T == 0) return labels;
  std::vector<std::size_t> came_from(T * K);
  std::vector<double> best = weights.start;
  for (std::size_t k = 0; k < K; ++k) best[k] += scores[k];
  for (std::size_t t = 1; t < T; ++t) {
    std::vector<double> now(K);
    for (std::size_t b = 0; b < K; ++b) {
      std::size_t from = 0;
      for (std::size_t a = 1; a < K; ++a) {
        if (best[a] + weights.transitions[a * K + b] > best[from] + weights.transitions[from * K + b]) from = a;
      }
      came_from[t * K + b] = from;
      now[b] = best[from] + weights.transitions[from * K + b] + scores[t * K + b];
    }
    best.swap(now);
  }
  for (std::size_t k = 0; k < K; ++k) best[k] += weights.end[k];
  auto label = static_cast<std::size_t>(std::max_element(best.begin(), best.end()) - best.begin());
  for (std::size_t t = T; t-- > 0;) {
    labels[t] = static_cast<std::int32_t>(label);
    label = came_from[t * K + label];
  }
  return labels;
}

std::vector<double> agreeing(std::span<const double> scores, std::span<const std::int32_t> labels) {
  std::vector<double> result(scores.begin(), scores.end());
  const std::size_t K = labels.empty() ? 0 : scores.size() / labels.size();
  for (std::size_t t = 0; t < labels.size(); ++t) {
    if (labels[t] == Labels::kNone) continue;
    const auto label = static_cast<std::size_t>(labels[t]);
    for (std::size_t k = 0; k < K; ++k) {
      if (k != label) result[t * K + k] = kImpossible;
    }
  }
  return result;
}

}  // namespace unfold
