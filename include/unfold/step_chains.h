// What networks that predict bits or symbols step by step are compared with: each bit, or the symbol, by itself, with
// the one before it or without.
#pragma once

#include <span>
#include <vector>

#include "unfold/tensor.h"

namespace unfold {

/// C chains of K symbols each: of bits C bits with K = 2, of symbols one chain. Counts of the training part; where
/// symbol k was seen n_k of n times its probability is (n_k + 1/2) / (n + K/2) (Krichevsky and Trofimov 1981).
class StepChains {
 public:
  /// Counts of nothing. Throws ContractError unless both are above 0.
  StepChains(Index chains, Index symbols);
  /// From its two tables, as `alone` and `after` give them. Throws ContractError for another size.
  StepChains(Index chains, Index symbols, std::vector<double> alone, std::vector<double> after);

  /// Counts a sequence, steps [T, C] of symbols' numbers; NaN where one is missing.
  void count(const Tensor& steps);

  /// -log p of a step [C] in nats, the sum over the chains. Missing ones cost nothing.
  double nats(std::span<const float> step) const;
  /// The same given the step before it, the first-order Markov chain; a chain whose symbol before is missing knows
  /// none.
  double nats(std::span<const float> before, std::span<const float> step) const;

  Index chains() const { return chains_; }
  Index symbols() const { return symbols_; }
  /// How often: [C, K], and [C, K, K] after each symbol.
  std::span<const double> alone() const { return alone_; }
  std::span<const double> after() const { return after_; }

 private:
  Index chains_;
  Index symbols_;
  std::vector<double> alone_;
  std::vector<double> after_;
};

}  // namespace unfold
