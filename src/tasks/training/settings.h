// The groups of settings that all tasks share which train a network; each group lists its own options.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "tasks/rewrite_settings.h"
#include "tasks/settings.h"
#include "unfold/layers.h"

namespace unfold {

/// The value of a setting that is left to the task; config.toml records what was chosen.
inline constexpr Index kAutomatic = -1;

/// The recurrent layers and how their parameters start.
struct LayerSettings {
  std::string cell = "lstm";
  std::string hidden = "256";
  Index layers = kAutomatic;
  bool skip = false;
  bool residual = false;
  std::string init = "cell";
  std::string recurrent_init = "cell";
  std::string forget_bias = "cell";
  Index usual_layers = 2;  // where nothing says how many; no option

  Settings list();
  /// Units of each layer. Throws UsageError where `hidden` and `layers` name none, or contradict each other.
  std::vector<Index> layer_sizes() const;
  /// Throws UsageError for a start that says nothing.
  Initialisation initialisation() const;
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

  Settings list();
  /// Throws UsageError for a dropout that says nothing.
  DropoutOptions around() const;
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

  Settings list();
};

/// What happens when training diverges.
struct RecoverySettings {
  Index retries = kAutomatic;
  bool clip_search = false;

  Settings list();
};

/// How the machine is used.
struct ExecutionSettings {
  Index threads = kAutomatic;
  std::string precision = "f32";

  Settings list();
  Setting precision_setting();
};

/// What layers and regularisation say, to the options of a network over sequences, whatever it predicts.
template <class Options>
void describe_network(const LayerSettings& layers, const RegularisationSettings& regularisation, Options& options) {
  options.cell = Cell::load(layers.cell);
  options.hidden = layers.layer_sizes();
  options.skip = layers.skip;
  options.residual = layers.residual;
  options.initialisation = layers.initialisation();
  options.rewrites = regularisation.recurrence.rewrites();
  options.dropout = regularisation.around();
  options.label_smoothing = regularisation.label_smoothing;
}

/// Chooses what was left open. Where the machine cannot multiply as was asked for, it will in float32, and the result
/// is a remark that says so.
std::optional<std::string> complete(ExecutionSettings& settings);

}  // namespace unfold
