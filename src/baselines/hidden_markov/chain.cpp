#include "baselines/hidden_markov/chain.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace unfold {
namespace {

constexpr double kNever = -std::numeric_limits<double>::infinity();

std::size_t steps_of(const Chain& chain, std::span<const double> emissions) {
  return emissions.size() / static_cast<std::size_t>(chain.tags);
}

/// Divides by the sum, which is returned.
double normalise(std::span<double> values) {
  double sum = 0;
  for (const double value : values) sum += value;
  if (sum > 0) {
    for (double& value : values) value /= sum;
  }
  return sum;
}

/// Forward probabilities, each row scaled to the sum 1 (Rabiner 1989, V.A), and the logarithm of what was divided by.
class Forward {
 public:
  Forward(const Chain& chain, std::span<const double> emissions) : chain_(chain), emissions_(emissions) {
    const std::size_t steps = steps_of(chain, emissions);
    rows_.resize(steps * chain.states());
    for (std::size_t t = 0; t < steps && log_probability_ > kNever; ++t) {
      fill(t);
      log_probability_ += std::log(normalise(row(t)));
    }
    if (steps == 0 || log_probability_ == kNever) return;
    double end = 0;
    for (std::size_t s = 0; s < chain.states(); ++s) end += row(steps - 1)[s] * chain.final[s];
    log_probability_ += std::log(end);
  }

  std::span<double> row(std::size_t t) { return std::span(rows_).subspan(t * chain_.states(), chain_.states()); }
  double log_probability() const { return log_probability_; }

 private:
  void fill(std::size_t t) {
    const std::span<double> now = row(t);
    if (t == 0) {
      std::copy(chain_.initial.begin(), chain_.initial.end(), now.begin());
    } else {
      const std::span<double> before = row(t - 1);
      for (const Edge& edge : chain_.edges) now[edge.to] += before[edge.from] * edge.probability;
    }
    const double* const emission = emissions_.data() + t * static_cast<std::size_t>(chain_.tags);
    for (std::size_t s = 0; s < now.size(); ++s) now[s] *= emission[chain_.tag[s]];
  }

  const Chain& chain_;
  std::span<const double> emissions_;
  std::vector<double> rows_;
  double log_probability_ = 0;
};

double log_of(double probability) { return probability > 0 ? std::log(probability) : kNever; }

}  // namespace

Chain make_chain(Index tags, int order, std::span<const double> transitions) {
  const auto K = static_cast<std::size_t>(tags);
  const std::size_t side = K + 1;  // with the start or the end
  Chain chain;
  chain.tags = tags;
  const auto add_state = [&](std::size_t tag, double initial, double final) {
    chain.tag.push_back(static_cast<std::uint32_t>(tag));
    chain.initial.push_back(initial);
    chain.final.push_back(final);
  };
  const auto add_edge = [&](std::size_t from, std::size_t to, double probability) {
    chain.edges.push_back(
        {static_cast<std::uint32_t>(from), static_cast<std::uint32_t>(to), probability, log_of(probability)});
  };
  if (order < 2) {
    for (std::size_t b = 0; b < K; ++b) add_state(b, transitions[K * side + b], transitions[b * side + K]);
    for (std::size_t b = 0; b < K; ++b) {
      for (std::size_t a = 0; a < K; ++a) add_edge(a, b, transitions[a * side + b]);
    }
    return chain;
  }
  // State a K + b: tag b after tag a, or after the start where a = K.
  const auto p = [&](std::size_t a, std::size_t b, std::size_t c) { return transitions[(a * side + b) * side + c]; };
  for (std::size_t a = 0; a < side; ++a) {
    for (std::size_t b = 0; b < K; ++b) add_state(b, a == K ? p(K, K, b) : 0, p(a, b, K));
  }
  for (std::size_t b = 0; b < K; ++b) {
    for (std::size_t c = 0; c < K; ++c) {
      for (std::size_t a = 0; a < side; ++a) add_edge(a * K + b, b * K + c, p(a, b, c));
    }
  }
  return chain;
}

double forward(const Chain& chain, std::span<const double> emissions) {
  return Forward(chain, emissions).log_probability();
}

Expectation forward_backward(const Chain& chain, std::span<const double> emissions, bool with_edges) {
  Forward alpha(chain, emissions);
  Expectation result{.log_probability = alpha.log_probability(), .states = {}, .edges = {}};
  if (with_edges) result.edges.resize(chain.edges.size());
  if (result.log_probability == kNever) return result;
  const std::size_t S = chain.states();
  const std::size_t steps = steps_of(chain, emissions);
  result.states.resize(steps * S);
  std::vector<double> beta = chain.final;
  std::vector<double> weighted(S);  // the emission at t times beta
  for (std::size_t t = steps; t-- > 0;) {
    const std::span<double> state = std::span(result.states).subspan(t * S, S);
    for (std::size_t s = 0; s < S; ++s) state[s] = alpha.row(t)[s] * beta[s];
    normalise(state);
    if (t == 0) break;
    const double* const emission = emissions.data() + t * static_cast<std::size_t>(chain.tags);
    for (std::size_t s = 0; s < S; ++s) weighted[s] = emission[chain.tag[s]] * beta[s];
    const std::span<const double> before = alpha.row(t - 1);
    std::fill(beta.begin(), beta.end(), 0.0);
    for (const Edge& edge : chain.edges) beta[edge.from] += edge.probability * weighted[edge.to];
    double all = 0;
    for (std::size_t s = 0; s < S; ++s) all += before[s] * beta[s];
    for (std::size_t e = 0; e < result.edges.size(); ++e) {
      const Edge& edge = chain.edges[e];
      result.edges[e] += before[edge.from] * edge.probability * weighted[edge.to] / all;
    }
    normalise(beta);
  }
  return result;
}

std::vector<std::int32_t> best_path(const Chain& chain, std::span<const double> emissions) {
  const std::size_t S = chain.states();
  const std::size_t steps = steps_of(chain, emissions);
  std::vector<std::uint32_t> origin(steps * S);
  std::vector<double> best(S);
  std::vector<double> before(S);
  for (std::size_t t = 0; t < steps; ++t) {
    if (t == 0) {
      std::transform(chain.initial.begin(), chain.initial.end(), best.begin(), log_of);
    } else {
      before.swap(best);
      std::fill(best.begin(), best.end(), kNever);
      for (const Edge& edge : chain.edges) {
        const double log = before[edge.from] + edge.log;
        if (log <= best[edge.to]) continue;
        best[edge.to] = log;
        origin[t * S + edge.to] = edge.from;
      }
    }
    const double* const emission = emissions.data() + t * static_cast<std::size_t>(chain.tags);
    for (std::size_t s = 0; s < S; ++s) best[s] += log_of(emission[chain.tag[s]]);
  }
  for (std::size_t s = 0; s < S; ++s) best[s] += log_of(chain.final[s]);
  const auto last = std::max_element(best.begin(), best.end());
  std::vector<std::int32_t> path(last == best.end() || *last == kNever ? 0 : steps);
  auto state = static_cast<std::size_t>(last - best.begin());
  for (std::size_t t = path.size(); t-- > 0;) {
    path[t] = static_cast<std::int32_t>(chain.tag[state]);
    state = origin[t * S + state];
  }
  return path;
}

}  // namespace unfold
