// A network as a model of text.
#pragma once

#include <memory>

#include "unfold/language_model.h"
#include "unfold/text_model.h"

namespace unfold {

/// A LanguageModel in evaluation mode. Its state is a `State`.
class LanguageTextModel final : public TextModel {
 public:
  /// Refers to the model, which may be trained further meanwhile, or owns it.
  explicit LanguageTextModel(LanguageModel& model) : model_(&model) {}
  explicit LanguageTextModel(LanguageModel&& model);

  LanguageModel& network() { return *model_; }

  Index symbols() const override { return model_->vocabulary(); }
  std::uint64_t identity() const override;
  TextState begin(Index batch) const override;
  Tensor step(TextState& state, std::span<const std::int32_t> tokens) override;
  std::vector<float> score(const TokenBatch& batch, TextState& state) override;
  TextState select(const TextState& state, std::span<const Index> rows) const override;
  std::map<std::string, Tensor> save(const TextState& state) const override;
  TextState restore(const std::map<std::string, Tensor>& arrays, Index batch) const override;

 private:
  std::unique_ptr<LanguageModel> own_;
  LanguageModel* model_;
};

}  // namespace unfold
