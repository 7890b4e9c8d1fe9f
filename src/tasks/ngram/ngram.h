// The task `ngram`: settings -> text -> counts -> perplexity. What `unfold train ngram` does, for any caller.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "tasks/language_model/settings.h"
#include "train/run_directory.h"
#include "unfold/baselines.h"
#include "unfold/data.h"

namespace unfold {

struct NGramSettings {
  TextSettings text;
  Index order = kAutomatic;
  std::string smoothing = "kneser-ney";

  /// All of them under their names on the command line.
  Settings list();
  /// The text of a config.toml with all of them.
  std::string config() const;
};

struct NGramRun {
  Index order = 0;
  Index vocabulary = 0;
  Index tokens = 0;                   // that were counted
  std::vector<std::uint64_t> counts;  // different n-grams, unigrams first
  Index valid_tokens = 0;             // predicted
  double valid_nats = 0;              // mean per token
  double seconds = 0;                 // counting, measuring and writing
  std::uintmax_t bytes = 0;           // of the model file
};

/// Counts a text; of a divided one every sequence by itself.
NGram count_ngrams(const Tokens& text, const Vocabulary& vocabulary, int order, Smoothing smoothing);

/// Counts, validates and saves. All input is read and checked before `run` is touched. Throws UsageError for settings
/// out of range, InputError for bad data.
NGramRun train_ngram(NGramSettings settings, const RunDirectory& run);

}  // namespace unfold
