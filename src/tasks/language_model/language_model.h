// The task `lm`: settings -> text -> model -> loss -> perplexity. What `unfold train lm` and `unfold evaluate` do, for
// any caller.
#pragma once

#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "tasks/language_model/settings.h"
#include "train/loop.h"

namespace unfold {

struct LanguageModelHooks : LoopHooks {
  /// Called at growing intervals with what the model writes by itself, where `sample_length` > 0.
  std::function<void(Index step, const std::string& text)> sample;
  Index sample_length = 0;
};

struct LanguageModelRun {
  TrainingResult result;
  double epochs = 0;
  Index parameters = 0;
  Index vocabulary = 0;
};

/// Trains, or continues, the run that `settings` describe. All input is read and checked before `run` is touched.
/// Throws UsageError for settings that contradict each other, InputError for bad data or a bad cell.
LanguageModelRun train_language_model(LanguageModelSettings settings, const RunDirectory& run,
                                      const LanguageModelHooks& hooks);

/// A model that is interpolated with others, alone: its part in the sum, and what it reaches by itself.
struct MixedModel {
  std::string name;
  double weight = 0;
  double nats = 0;
};

struct LanguageModelEvaluation {
  Index tokens = 0;  // predicted
  double nats = 0;   // mean per token
  // The whole cost, whatever a token is, over the characters (bytes at byte level) and the bytes that were predicted.
  double bits_per_char = 0;
  double bits_per_byte = 0;
  /// With Monte Carlo dropout, if samples were asked for: mean nats of the averaged probabilities.
  std::optional<double> monte_carlo_nats;
  Index monte_carlo_samples = 0;
  /// Of an n-gram model estimated from the baseline text, if there is one: mean nats per token.
  std::optional<double> baseline_nats;
  int baseline_order = 0;
  /// With --mix: `nats` are of the interpolation of these, the evaluated model first.
  std::vector<MixedModel> mixed;
};

struct EvaluationSettings {
  std::string model;              // a file or a run's folder
  std::vector<std::string> data;  // names as for text_files
  std::string include;
  /// Streams at a time: 1 is exact, more are faster and lose the context at the streams' beginnings; kAutomatic: as in
  /// training.
  Index batch = kAutomatic;
  /// Sets of masks to average over with Monte Carlo dropout; 0 for none.
  Index samples = 0;
  /// A text to count n-grams in; empty for none.
  std::string baseline;
  /// "MODEL:WEIGHT", MODEL being a file, a run's folder or "cache" (CacheModel).
  std::vector<std::string> mix;
  Index cache_length = 500;
  double cache_decay = 1;
};

/// Measures a saved model of any kind on a text. Throws InputError for a model or text that cannot be read or models of
/// different vocabularies, UsageError for weights that are none or leave nothing to the model, and samples of a model
/// without dropout.
LanguageModelEvaluation evaluate_language_model(const EvaluationSettings& settings);

}  // namespace unfold
