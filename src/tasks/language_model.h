// The task `lm`: settings -> text -> model -> loss -> perplexity. What `unfold train lm` and `unfold evaluate` do, for
// any caller.
#pragma once

#include <filesystem>
#include <functional>
#include <optional>
#include <set>
#include <string>

#include "tasks/settings.h"
#include "train/loop.h"

namespace unfold {

/// The value of a setting that is left to the task; config.toml records what was chosen.
inline constexpr Index kAutomatic = -1;

struct LanguageModelSettings {
  std::string data;
  std::string valid;
  double held_out = 0.1;
  std::string level = "char";
  Index vocabulary = kAutomatic;

  std::string cell = "lstm";
  Index hidden = 256;
  Index layers = 2;
  Index embed = kAutomatic;
  std::string recurrent_dropout = "none";
  std::string teacher_forcing = "none";

  Index batch = 32;
  Index unroll = 64;
  // How long: `steps` is what counts and what is recorded; epochs or minutes are turned into it.
  Index steps = kAutomatic;
  Index epochs = kAutomatic;
  double minutes = kAutomatic;

  std::string optimizer = "adam";
  double learning_rate = kAutomatic;
  std::string schedule = "cosine";
  Index warmup = 0;
  double clip_norm = 1;

  Index validate_every = kAutomatic;
  Index threads = kAutomatic;
  Index seed = 1;

  /// All of them under their names on the command line.
  Settings list();
  /// The text of a config.toml with all of them, files with their whole paths.
  std::string config() const;
};

/// Takes every setting that is not in `given` from the configuration of a run that is to be continued. Throws
/// UsageError where a given one differs from it.
void continue_settings(LanguageModelSettings& settings, const RunDirectory& run, const std::set<std::string>& given);

/// The same from a configuration that is to be repeated; there, given settings win.
void repeat_settings(LanguageModelSettings& settings, const std::filesystem::path& config,
                     const std::set<std::string>& given);

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

struct LanguageModelEvaluation {
  Index tokens = 0;          // predicted
  double nats = 0;           // mean per token
  double bits_per_char = 0;  // per byte at byte level
  /// Of an n-gram model estimated from the baseline text, if there is one: mean nats per token.
  std::optional<double> baseline_nats;
  int baseline_order = 0;
};

/// Measures a saved model (a file or a run's folder) on a text. `batch` streams at a time; 1 is exact, more are faster
/// and lose the context at the streams' beginnings; kAutomatic: as in training.
LanguageModelEvaluation evaluate_language_model(const std::filesystem::path& model, const std::filesystem::path& data,
                                                Index batch, const std::string& baseline);

}  // namespace unfold
