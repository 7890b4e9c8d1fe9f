// What networks are compared with: models that count.
#pragma once

#include <cstdint>
#include <memory>
#include <span>

#include "unfold/tensor.h"

namespace unfold {

/// An n-gram language model with interpolated Witten-Bell smoothing (Witten & Bell 1991; Chen & Goodman 1998, 2.6).
///
///   p_n(w | c) = (count(c w) + types(c) p_{n-1}(w | c')) / (count(c) + types(c)),   p_0(w) = 1 / V
///
/// for a context c of n - 1 tokens, c' = c without its first token, count(c) = sum of count(c w) over w, types(c) the
/// number of different tokens seen after c. An unseen context leaves p_{n-1}. At the beginning of a text contexts are
/// as long as there are tokens.
class NGram {
 public:
  /// Counts `tokens`, ids in [0, vocabulary_size); order 1 is the unigram model. Throws ContractError for an order or
  /// size below 1, an order above 255, or a token out of range; InputError where there are no tokens. Takes O(N order)
  /// time and memory; with order 6, 4.4 MB of characters take seconds and up to a few hundred MB.
  static NGram train(std::span<const std::int32_t> tokens, Index vocabulary_size, int order);

  NGram(NGram&&) noexcept;
  NGram& operator=(NGram&&) noexcept;
  ~NGram();

  int order() const;
  Index vocabulary_size() const;

  /// p(token | the last order - 1 tokens of `context`). Sums to 1 over all tokens. Throws ContractError out of range.
  double probability(std::span<const std::int32_t> context, std::int32_t token) const;
  /// Mean of -log p over all tokens of a text, in nats per token; each is predicted from those before it within
  /// `tokens`, the first from none. Throws InputError where there are no tokens.
  double nats(std::span<const std::int32_t> tokens) const;

 private:
  struct Counts;
  explicit NGram(std::unique_ptr<const Counts> counts);
  std::unique_ptr<const Counts> counts_;
};

}  // namespace unfold
