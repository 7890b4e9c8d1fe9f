// An n-gram model as a model of text.
#pragma once

#include <memory>

#include "unfold/baselines.h"
#include "unfold/text_model.h"

namespace unfold {

/// The state of a text is its last order - 1 tokens.
class NGramTextModel final : public TextModel {
 public:
  explicit NGramTextModel(NGram model) : model_(std::move(model)) {}

  const NGram& ngram() const { return model_; }

  Index symbols() const override { return model_.vocabulary_size(); }
  std::uint64_t identity() const override;
  TextState begin(Index batch) const override;
  Tensor step(TextState& state, std::span<const std::int32_t> tokens) override;
  std::vector<float> score(const TokenBatch& batch, TextState& state) override;
  TextState select(const TextState& state, std::span<const Index> rows) const override;
  std::map<std::string, Tensor> save(const TextState& state) const override;
  TextState restore(const std::map<std::string, Tensor>& arrays, Index batch) const override;

 private:
  NGram model_;
};

}  // namespace unfold
