// The settings of the task `lm`, in groups; each group lists its own options.
#pragma once

#include <filesystem>
#include <set>
#include <string>
#include <vector>

#include "tasks/rewrite_settings.h"
#include "tasks/settings.h"
#include "train/run_directory.h"

namespace unfold {

/// The value of a setting that is left to the task; config.toml records what was chosen.
inline constexpr Index kAutomatic = -1;

/// What is read, and in what portions.
struct TextSettings {
  std::vector<std::string> data;
  std::vector<std::string> valid;
  std::string include;
  double held_out = 0.1;
  std::string level = "char";
  Index vocabulary = kAutomatic;
  Index min_count = 1;
  std::string document_separator;
  bool lines = false;
  Index batch = 32;
  Index unroll = 64;
  bool unroll_jitter = false;

  Settings list();
};

/// What is computed.
struct NetworkSettings {
  std::string cell = "lstm";
  std::string hidden = "256";
  Index layers = kAutomatic;
  Index embed = kAutomatic;
  bool skip = false;
  bool residual = false;
  bool tie_weights = false;
  std::string softmax = "full";
  std::string cutoffs = "automatic";
  std::string init = "cell";
  std::string recurrent_init = "cell";
  std::string forget_bias = "cell";

  Settings list();
  /// Units of each layer. Throws UsageError where `hidden` and `layers` name none, or contradict each other.
  std::vector<Index> layer_sizes() const;
};

/// What keeps the network from learning by heart, and its gradient from exploding inside the recurrence.
struct RegularisationSettings {
  RewriteSettings recurrence;
  // Of the vectors between the layers, "P", "naive:P" or "variational:P".
  std::string dropout = "0";
  std::string input_dropout = "0";
  std::string output_dropout = "0";
  double embedding_dropout = 0;
  double label_smoothing = 0;
  double activation_penalty = 0;
  double temporal_penalty = 0;

  Settings list();
};

/// How the gradient changes the weights.
struct OptimizerSettings {
  std::string method = "adam";
  double learning_rate = kAutomatic;
  double momentum = 0.9;
  double weight_decay = 0;
  std::string schedule = "cosine";
  Index warmup = 0;
  double decay = 0.5;
  double decay_after = 1;
  double decay_every = 1;
  Index decay_patience = 2;
  double clip_value = 0;
  double clip_norm = 1;
  double average_weights = 0;
  Index average_trigger = 5;

  Settings list();
};

/// How long, and what is looked at on the way. `steps` is what counts and what is recorded; epochs or minutes are
/// turned into it.
struct LengthSettings {
  Index steps = kAutomatic;
  Index epochs = kAutomatic;
  double minutes = kAutomatic;
  Index validate_every = kAutomatic;
  Index patience = 0;
  Index keep_samples = 300;

  Settings list();
};

/// What happens when training diverges.
struct RecoverySettings {
  Index retries = kAutomatic;
  bool clip_search = false;

  Settings list();
};

struct LanguageModelSettings {
  TextSettings text;
  NetworkSettings network;
  RegularisationSettings regularisation;
  OptimizerSettings optimizer;
  LengthSettings length;
  RecoverySettings recovery;
  Index threads = kAutomatic;
  std::string precision = "f32";
  Index seed = 1;

  /// All of them under their names on the command line.
  Settings list();
  Setting precision_setting();
  /// The text of a config.toml with all of them, files with their whole paths.
  std::string config() const;
};

/// Takes every setting that is not in `given` from the configuration of a run that is to be continued. Throws
/// UsageError where a given one differs from it.
void continue_settings(LanguageModelSettings& settings, const RunDirectory& run, const std::set<std::string>& given);

/// The same from a configuration that is to be repeated; there, given settings win.
void repeat_settings(LanguageModelSettings& settings, const std::filesystem::path& config,
                     const std::set<std::string>& given);

}  // namespace unfold
