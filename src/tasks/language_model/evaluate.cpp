// Evaluation of the task `lm`: a saved model on a text, beside an n-gram model.
#include <numbers>

#include "tasks/language_model/language_model.h"
#include "unfold/baselines.h"
#include "unfold/data.h"
#include "unfold/error.h"
#include "unfold/model_file.h"

namespace unfold {
namespace {

// Longer contexts help characters; words soon have no counts.
constexpr int kSymbolOrder = 6;
constexpr int kWordOrder = 3;

}  // namespace

LanguageModelEvaluation evaluate_language_model(const std::filesystem::path& model_file,
                                                const std::filesystem::path& data, Index batch,
                                                const std::string& baseline, Index samples) {
  LoadedModel loaded = load_model(model_file);
  const Level level = loaded.vocabulary.level();
  const Text text = read_text(data, level);
  const std::vector<std::int32_t> tokens = loaded.vocabulary.encode(text);
  const LanguageModelOptions& options = loaded.model.options();
  const EvaluationBatches batches(tokens, batch == kAutomatic ? options.batch : batch, options.steps);

  if (samples > 0 && !loaded.model.draws_masks()) {
    throw UsageError("--mc averages over masks of dropout, and this model was trained without");
  }

  LanguageModelEvaluation evaluation;
  evaluation.tokens = batches.predictions();
  evaluation.nats = loaded.model.evaluate(batches);
  const std::string first = loaded.vocabulary.decode(std::span(tokens).first(1));  // which nothing predicts
  const double bits = evaluation.nats * static_cast<double>(evaluation.tokens) / std::numbers::ln2;
  evaluation.bits_per_char =
      bits / static_cast<double>(character_count(text.content, level) - character_count(first, level));
  evaluation.bits_per_byte = bits / static_cast<double>(text.content.size() - first.size());
  if (samples > 0) {
    evaluation.monte_carlo_nats = loaded.model.evaluate_monte_carlo(batches, samples);
    evaluation.monte_carlo_samples = samples;
  }
  if (!baseline.empty()) {
    evaluation.baseline_order = level == Level::kWord ? kWordOrder : kSymbolOrder;
    const std::vector<std::int32_t> counted = loaded.vocabulary.encode(read_text(baseline, level));
    evaluation.baseline_nats =
        NGram::train(counted, loaded.vocabulary.size(), {.order = evaluation.baseline_order}).nats(tokens);
  }
  return evaluation;
}

}  // namespace unfold
