// A model of text that is worth adding to any other.
#pragma once

#include "unfold/text_model.h"

namespace unfold {

struct CacheOptions {
  Index length = 500;  // tokens that are remembered
  double decay = 1;    // a token d places back counts decay^(d - 1)
};

/// The unigram model of a text's own recent tokens (Kuhn & De Mori 1990; with decay, Clarkson & Robinson 1997): what
/// was said will be said again. Before the first token every symbol is as probable as the others. It gives most symbols
/// the probability 0 and is of use only beside another model.
class CacheModel final : public TextModel {
 public:
  /// For V symbols. Throws ContractError for a length or size below 1, or unless 0 < decay <= 1.
  CacheModel(Index symbols, CacheOptions options);

  Index symbols() const override { return symbols_; }
  std::uint64_t identity() const override;
  TextState begin(Index batch) const override;
  Tensor step(TextState& state, std::span<const std::int32_t> tokens) override;
  std::vector<float> score(const TokenBatch& batch, TextState& state) override;
  TextState select(const TextState& state, std::span<const Index> rows) const override;
  std::map<std::string, Tensor> save(const TextState& state) const override;
  TextState restore(const std::map<std::string, Tensor>& arrays, Index batch) const override;

 private:
  Index symbols_;
  CacheOptions options_;
};

}  // namespace unfold
