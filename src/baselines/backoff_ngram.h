// An n-gram model as a table: the probability of each n-gram listed, and what is left for those that are not (Katz
// 1987).
#pragma once

#include <vector>

#include "baselines/ngram_model.h"

namespace unfold {

/// p(w | c) of a listed n-gram c w; otherwise backoff(c) p(w | c'), where backoff(c) = 1 for a context that is not
/// listed.
struct BackoffNGram final : NGram::Model {
  struct Entry {
    std::int32_t token = 0;  // the last one of the n-gram
    double probability = 0;
    double backoff = 1;
    std::uint32_t first_child = 0;  // the n-grams that continue it, sorted by their last token
    std::uint32_t children = 0;
  };

  /// The first entry is the empty n-gram. A context that begins with the boundary begins with the token V here.
  std::vector<Entry> entries{Entry{}};
  std::vector<std::uint64_t> of_order;  // how many n-grams of each order are listed

  /// The n-gram, null if it is not listed.
  const Entry* find(std::span<const std::int32_t> ngram) const;

  double probability(std::span<const std::int32_t> context, std::int32_t token) const override;
  void probabilities(std::span<const std::int32_t> context, std::span<double> probabilities) const override;
  std::vector<std::uint64_t> counts() const override { return of_order; }

 private:
  std::span<const Entry> children_of(const Entry& entry) const;
  const Entry* child(const Entry& entry, std::int32_t token) const;
  /// The context since the last boundary, which is replaced by the token V.
  std::vector<std::int32_t> reach(std::span<const std::int32_t> context) const;
};

}  // namespace unfold
