// The task `naive-bayes`: settings -> labelled texts -> counts -> accuracy. What `unfold train naive-bayes` does, for
// any caller.
#pragma once

#include <string>
#include <vector>

#include "tasks/labelling/settings.h"
#include "tasks/metrics/labelling_metrics.h"
#include "train/run_directory.h"

namespace unfold {

struct NaiveBayesSettings {
  LabelledDataSettings data;
  std::string level = "word";
  Index ngram = 2;
  Index shortest = 1;
  double smoothing = 1;

  Settings list();
  /// The text of a config.toml with all of them.
  std::string config() const;
};

struct NaiveBayesRun {
  Index sequences = 0;  // of the training part
  Index features = 0;   // different ones
  ClassificationMetrics valid;
  Labels labels;  // of the training part, and behind them those of the validation part alone
  std::vector<std::string> remarks;
  double seconds = 0;
};

/// Counts, validates and saves. All input is read and checked before `run` is touched. Throws UsageError for settings
/// out of range, InputError for bad data.
NaiveBayesRun train_naive_bayes(const NaiveBayesSettings& settings, const RunDirectory& run);

}  // namespace unfold
