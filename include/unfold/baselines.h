// What networks are compared with: models that count.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "unfold/tensor.h"

namespace unfold {

/// How an n-gram model shares probability between what it has counted and what it has not. All of them interpolate:
///
///   p_n(w | c) = max(count(c w) - D, 0) / Z(c) + share(c) p_{n-1}(w | c'),   p_0(w) = 1 / V
///
/// for a context c of n - 1 tokens and c' = c without its first token. An unseen context leaves p_{n-1}.
enum class Smoothing : std::uint8_t {
  /// D = 0, Z(c) = count(c) + types(c), share(c) = types(c) / Z(c), with count(c) = sum of count(c w) over w, types(c)
  /// the number of different tokens seen after c (Witten & Bell 1991; Chen & Goodman 1998, 2.6).
  kWittenBell,
  /// Modified Kneser-Ney (Chen & Goodman 1998, 4.1). Below the highest order count(c w) is the number of different
  /// tokens before c w. D depends on the order and on the count, D_1, D_2 and D_3 from three on, estimated from t_k,
  /// the
  /// number of n-grams with count k: D_k = k - (k + 1) Y t_{k+1} / t_k, Y = t_1 / (t_1 + 2 t_2). Z(c) = count(c), and
  /// share(c) is what the discounts took. Where t_1 ... t_4 leave a D_k undefined or outside [0, k], as for an order of
  /// few n-grams, the order has D = 0.5, 1, 1.5 (as KenLM's --discount_fallback).
  kKneserNey,
  /// D = 0, Z(c) = count(c), share(c) = 0: the counts alone. A token never seen after a seen context has probability 0.
  kMaximumLikelihood,
};

/// "witten-bell", "kneser-ney", "maximum-likelihood", and back. Throws UsageError for another name.
std::string_view smoothing_name(Smoothing smoothing);
Smoothing parse_smoothing(std::string_view name);

struct NGramOptions {
  int order = 6;  // 1: the unigram model, a bag of words; 2: bigrams, a Markov chain
  Smoothing smoothing = Smoothing::kWittenBell;
  /// The token that ends a line, or whatever else stands alone: contexts begin with it and do not reach past it. The
  /// text is taken to begin after one.
  std::optional<std::int32_t> boundary = {};
};

/// An n-gram language model of any order.
class NGram {
 public:
  /// The largest order. Higher ones would only cost time where a text repeats itself at such length.
  static constexpr int kHighestOrder = 1000;

  /// Counts `tokens`, ids in [0, vocabulary_size). Takes memory proportional to N whatever the order, about 40 bytes a
  /// token at worst, and time proportional to N times the length of what repeats, at most the order. Throws
  /// ContractError for an order out of [1, kHighestOrder], a vocabulary below 1 or a token out of range; InputError
  /// where there are no tokens or 2^32 - 1 of them.
  static NGram train(std::span<const std::int32_t> tokens, Index vocabulary_size, const NGramOptions& options);

  NGram(NGram&&) noexcept;
  NGram& operator=(NGram&&) noexcept;
  ~NGram();

  int order() const;
  Index vocabulary_size() const;
  std::optional<std::int32_t> boundary() const;

  /// p(token | the last order - 1 tokens of `context`). Sums to 1 over all tokens. Throws ContractError out of range.
  double probability(std::span<const std::int32_t> context, std::int32_t token) const;
  /// The same for every token: fills `probabilities` [V].
  void probabilities(std::span<const std::int32_t> context, std::span<double> probabilities) const;
  /// p of each token of a text, given those before it within `tokens`; the first is predicted from none, or from the
  /// boundary.
  std::vector<double> probabilities(std::span<const std::int32_t> tokens) const;
  /// Mean of -log p over all tokens of a text, in nats per token. Throws InputError where there are no tokens.
  double nats(std::span<const std::int32_t> tokens) const;

  /// How many different n-grams the model holds, unigrams first: `order()` numbers.
  std::vector<std::uint64_t> counts() const;

  /// What is behind it; for the library itself.
  struct Model;
  explicit NGram(std::unique_ptr<const Model> model);
  const Model& model() const { return *model_; }

 private:
  std::unique_ptr<const Model> model_;
};

}  // namespace unfold
