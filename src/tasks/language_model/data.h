// The texts of a language model: read, encoded, split, and recognised again when a run continues.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "tasks/language_model/language_model.h"
#include "unfold/data.h"

namespace unfold {

struct LanguageModelData {
  Vocabulary vocabulary;  // of all text given
  std::vector<std::int32_t> train;
  std::vector<std::int32_t> valid;
  /// Differs where the texts do: a run continues on its own text only.
  std::uint64_t checksum = 0;
  std::string source;  // the file that was learnt from, for messages
};

/// Throws InputError for text that cannot be read or is too short, UsageError for settings that do not fit.
LanguageModelData read_data(const LanguageModelSettings& settings);

}  // namespace unfold
