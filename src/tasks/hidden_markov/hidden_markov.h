// The task `hmm`: settings -> tagged words, or words alone -> a hidden Markov model -> accuracy. What `unfold train
// hmm` does, for any caller.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "tasks/labelling/settings.h"
#include "tasks/metrics/labelling_metrics.h"
#include "train/run_directory.h"

namespace unfold {

struct HiddenMarkovSettings {
  LabelledDataSettings data;
  Index order = 2;
  Index ending = 5;
  Index rare = 10;
  Index states = 0;
  Index iterations = 30;
  Index min_count = 2;

  Settings list();
  /// The text of a config.toml with all of them.
  std::string config() const;
};

struct HiddenMarkovRun {
  Index sentences = 0;  // of the training part
  Index words = 0;
  Index states = 0;
  /// Of tagged words: on the validation part; and of each word's most frequent tag, for comparison.
  std::optional<TaggingMetrics> tagger;
  double most_frequent = 0;
  /// Of words alone: log p of the training part before each iteration and after the last; nats per word of the
  /// validation part, sentences' ends not counted as words.
  std::vector<double> log_probabilities;
  double valid_nats = 0;
  std::vector<std::string> remarks;
  double seconds = 0;
};

/// Counts, or learns where there are `states`, validates and saves. All input is read and checked before `run` is
/// touched. Throws UsageError for settings out of range, InputError for bad data.
HiddenMarkovRun train_hidden_markov(const HiddenMarkovSettings& settings, const RunDirectory& run);

}  // namespace unfold
