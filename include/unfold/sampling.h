// Drawing the next symbol from what a model says about it.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "unfold/tensor.h"

namespace unfold {

/// What is done to the model's distribution before a symbol is drawn, in this order.
struct Sampling {
  /// log p of every symbol that the text already holds is multiplied by it; 1: nothing. Keskar et al. 2019,
  /// section 4.1, with log-probabilities, which no constant can be added to, as the scores.
  double repetition_penalty = 1;
  /// p^(1 / temperature), normalised. 0: always the most probable symbol, the first of equal ones.
  double temperature = 1;
  /// The k most probable symbols stay, the first of equal ones; 0: all. Fan, Lewis & Dauphin 2018.
  Index top_k = 0;
  /// The fewest most probable symbols stay that have this probability together; 1: all. Holtzman et al. 2020.
  double top_p = 1;
  /// Symbols stay that are at least this many times as probable as the most probable one; 0: all. Nguyen et al. 2024.
  double min_p = 0;

  /// Throws UsageError, naming it, for a value out of range.
  void check() const;
};

/// The distribution to draw from: non-negative, of sum 1. `repeated` [V] says which symbols the text already holds;
/// empty: none. Every filter sees what the one before it left, normalised again. Throws UsageError as check(),
/// ContractError where there is no symbol, InputError where none has a probability above 0.
std::vector<double> sampling_distribution(std::span<const float> log_probabilities, const Sampling& sampling,
                                          std::span<const std::uint8_t> repeated = {});

/// The symbol chosen by `uniform` in [0, 1), by inversion of the cumulative distribution: a pure function. A symbol of
/// probability 0 is never chosen.
std::int32_t draw(std::span<const double> distribution, double uniform);

}  // namespace unfold
