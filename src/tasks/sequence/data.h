// Sequences of vectors as the task `sequence` learns from them.
#pragma once

#include <string>
#include <vector>

#include "tasks/sequence/settings.h"
#include "unfold/sequence_model.h"

namespace unfold {

struct VectorData {
  SequenceData train;  // sequences that hold at least one prediction
  SequenceData valid;
  VectorCoding coding;
  SequenceStatistics statistics;  // but for the noise, which the model has to make
  std::uint64_t checksum = 0;     // of what is learnt from: a run continues with the same
  std::vector<std::string> remarks;

  /// Predictions of each training sequence, and of all of a part.
  std::vector<Index> training_lengths() const;
  Index predictions(const SequenceData& part) const;
};

/// Reads the data and chooses what the settings leave open of it. Throws InputError for bad data, UsageError for
/// settings that do not fit them.
VectorData read_vector_data(SequenceSettings& settings);

}  // namespace unfold
