#include "unfold/step_chains.h"

#include <fmt/core.h>

#include <cmath>
#include <numeric>

#include "unfold/error.h"

namespace unfold {
namespace {

constexpr double kPrior = 0.5;

std::size_t size(Index count) { return static_cast<std::size_t>(count); }

double nats_of(std::span<const double> counts, float symbol) {
  const double total = std::accumulate(counts.begin(), counts.end(), 0.0);
  const double count = counts[static_cast<std::size_t>(symbol)];
  return -std::log((count + kPrior) / (total + kPrior * static_cast<double>(counts.size())));
}

}  // namespace

StepChains::StepChains(Index chains, Index symbols)
    : StepChains(chains, symbols, std::vector<double>(size(chains * symbols)),
                 std::vector<double>(size(chains * symbols * symbols))) {}

StepChains::StepChains(Index chains, Index symbols, std::vector<double> alone, std::vector<double> after)
    : chains_(chains), symbols_(symbols), alone_(std::move(alone)), after_(std::move(after)) {
  if (chains < 1 || symbols < 1 || alone_.size() != size(chains * symbols) ||
      after_.size() != size(chains * symbols * symbols)) {
    throw ContractError(fmt::format("{} chains of {} symbols cannot have {} and {} counts", chains, symbols,
                                    alone_.size(), after_.size()));
  }
}

void StepChains::count(const Tensor& steps) {
  if (steps.shape().rank() != 2 || steps.shape()[1] != chains_) {
    throw ContractError(fmt::format("expected steps [T, {}], found {}", chains_, steps.shape().text()));
  }
  for (Index i = 0; i < steps.count(); ++i) {
    if (std::isnan(steps[i])) continue;
    const Index chain = i % chains_;
    const auto symbol = static_cast<Index>(steps[i]);
    ++alone_[size(chain * symbols_ + symbol)];
    if (i < chains_ || std::isnan(steps[i - chains_])) continue;
    const auto before = static_cast<Index>(steps[i - chains_]);
    ++after_[size((chain * symbols_ + before) * symbols_ + symbol)];
  }
}

double StepChains::nats(std::span<const float> step) const {
  const std::size_t K = size(symbols_);
  double sum = 0;
  for (std::size_t chain = 0; chain < step.size(); ++chain) {
    if (!std::isnan(step[chain])) sum += nats_of(std::span(alone_).subspan(chain * K, K), step[chain]);
  }
  return sum;
}

double StepChains::nats(std::span<const float> before, std::span<const float> step) const {
  const std::size_t K = size(symbols_);
  double sum = 0;
  for (std::size_t chain = 0; chain < step.size(); ++chain) {
    if (std::isnan(step[chain])) continue;
    const auto row = [&] { return (chain * K + static_cast<std::size_t>(before[chain])) * K; };
    const std::span<const double> counts =
        std::isnan(before[chain]) ? std::span(alone_).subspan(chain * K, K) : std::span(after_).subspan(row(), K);
    sum += nats_of(counts, step[chain]);
  }
  return sum;
}

}  // namespace unfold
