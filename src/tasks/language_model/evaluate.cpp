// Evaluation: a saved model on a text, alone, interpolated with others, beside an n-gram model.
#include <numbers>

#include "tasks/language_model/interpolate.h"
#include "tasks/language_model/language_model.h"
#include "tasks/ngram/ngram.h"
#include "unfold/data.h"
#include "unfold/error.h"
#include "unfold/language_text_model.h"
#include "unfold/model_file.h"
#include "unfold/ngram_text_model.h"

namespace unfold {
namespace {

// Longer contexts help characters; words soon have no counts.
constexpr int kSymbolOrder = 6;
constexpr int kWordOrder = 3;

/// Null for a model that is none.
LanguageModel* network_of(TextModel& model) {
  auto* const network = dynamic_cast<LanguageTextModel*>(&model);
  return network == nullptr ? nullptr : &network->network();
}

double mean_nats(TextModel& model, const EvaluationBatches& batches) {
  // A network sums its losses without the probabilities of all symbols.
  if (LanguageModel* const network = network_of(model)) return network->evaluate(batches);
  return -sum(score_all(model, batches)) / static_cast<double>(batches.predictions());
}

double monte_carlo_nats(TextModel& model, const EvaluationBatches& batches, Index samples) {
  LanguageModel* const network = network_of(model);
  if (network == nullptr || !network->draws_masks()) {
    throw UsageError("--mc averages over masks of dropout, and this model was trained without");
  }
  return network->evaluate_monte_carlo(batches, samples);
}

void set_bits(LanguageModelEvaluation& evaluation, const EncodedText& text, const Vocabulary& vocabulary) {
  const double bits = evaluation.nats * static_cast<double>(evaluation.tokens) / std::numbers::ln2;
  // Nothing predicts the first token; that of a divided text is a boundary, which counts for nothing.
  const std::string first = vocabulary.boundary() ? "" : vocabulary.decode(text.tokens.part(0, 1).all());
  const Index characters = text.characters - character_count(first, vocabulary.level());
  evaluation.bits_per_char = bits / static_cast<double>(characters);
  evaluation.bits_per_byte = bits / static_cast<double>(text.bytes - static_cast<Index>(first.size()));
}

}  // namespace

LanguageModelEvaluation evaluate_language_model(const EvaluationSettings& settings) {
  LoadedTextModel loaded = load_text_model(settings.model);
  const Vocabulary& vocabulary = loaded.vocabulary;
  const EncodedText text = encode_files(settings.data, settings.include, vocabulary);
  const EvaluationBatches batches(
      text.tokens, settings.batch == kAutomatic ? loaded.batch : settings.batch, loaded.steps,
      {.boundary = vocabulary.boundary(), .lines = vocabulary.division().kind == Division::Kind::kLines});

  LanguageModelEvaluation evaluation;
  evaluation.tokens = batches.predictions();
  if (settings.samples > 0) {
    evaluation.monte_carlo_nats = monte_carlo_nats(*loaded.model, batches, settings.samples);
    evaluation.monte_carlo_samples = settings.samples;
  }
  if (settings.mix.empty()) {
    evaluation.nats = mean_nats(*loaded.model, batches);
  } else {
    evaluation.nats =
        interpolate(mixed_models(settings, std::move(loaded.model), vocabulary), batches, evaluation.mixed);
  }
  set_bits(evaluation, text, vocabulary);
  if (!settings.baseline.empty()) {
    evaluation.baseline_order = vocabulary.level() == Level::kWord ? kWordOrder : kSymbolOrder;
    const std::vector<std::string> names = {settings.baseline};
    const Tokens counted = encode_files(names, settings.include, vocabulary).tokens;
    NGramTextModel baseline(count_ngrams(counted, vocabulary, evaluation.baseline_order, Smoothing::kWittenBell));
    evaluation.baseline_nats = mean_nats(baseline, batches);
  }
  return evaluation;
}

}  // namespace unfold
