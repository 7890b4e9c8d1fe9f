// From counts to probabilities: what the kinds of smoothing differ in.
#pragma once

#include <array>
#include <span>
#include <vector>

#include "baselines/context_tree.h"
#include "unfold/baselines.h"

namespace unfold {

/// What counts 1, 2 and from 3 on are reduced by.
using Discounts = std::array<double, 3>;

inline constexpr Discounts kFallbackDiscounts = {0.5, 1, 1.5};

/// The discounts of modified Kneser-Ney for one order, or the fallback.
Discounts kneser_ney_discounts(const CountsOfCounts& counts);

/// How one context shares its probability: p(w | c) = max(count - discount, 0) / total + lower p(w | c').
struct Shares {
  Discounts discounts = {};
  double total = 1;
  double lower = 1;

  double counted(std::uint32_t count) const;
};

class Smoother {
 public:
  Smoother(Smoothing smoothing, std::vector<Discounts> discounts)
      : smoothing_(smoothing), discounts_(std::move(discounts)) {}
  /// Estimates the discounts where the smoothing has any.
  Smoother(Smoothing smoothing, const ContextTree& tree);

  Smoothing smoothing() const { return smoothing_; }
  /// Of each order, unigrams first; empty where there are none.
  const std::vector<Discounts>& discounts() const { return discounts_; }
  /// Of a context of `length` tokens.
  Shares shares(const Continuations& continuations, std::uint32_t length) const;

 private:
  Smoothing smoothing_;
  std::vector<Discounts> discounts_;
};

}  // namespace unfold
