// The texts of a language model: read once, kept beside the run as tokens, and read from there in batches.
#pragma once

#include <filesystem>
#include <memory>
#include <string>

#include "tasks/language_model/language_model.h"
#include "unfold/data.h"

namespace unfold {

struct LanguageModelData : Corpus {
  std::string source;  // the files that were learnt from, for messages
};

/// Where a run keeps its text. A new run's is written beside that place until all else is known to be good: whatever
/// goes wrong before leaves the run that may have been there as it was.
class TextFolder {
 public:
  explicit TextFolder(const RunDirectory& run);
  ~TextFolder();
  TextFolder(const TextFolder&) = delete;
  TextFolder& operator=(const TextFolder&) = delete;

  const std::filesystem::path& path() const { return path_; }
  /// True if the text was written before, by the run that continues.
  bool is_kept() const { return path_ == place_; }
  /// Moves it to its place. Throws InputError where that is impossible.
  void keep();

 private:
  std::filesystem::path place_;
  std::filesystem::path path_;
};

/// Throws InputError for text that cannot be read or is too short, UsageError for settings that do not fit.
LanguageModelData read_data(const LanguageModelSettings& settings, const TextFolder& folder);

/// What is learnt from, and what is validated on.
std::unique_ptr<TrainingBatches> training_batches(const LanguageModelSettings& settings, const LanguageModelData& data);
EvaluationBatches validation_batches(const LanguageModelSettings& settings, const LanguageModelData& data);

}  // namespace unfold
