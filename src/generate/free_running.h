// Sequences of vectors that a model makes by itself: what it predicts at a step is drawn, and read as the next one.
#pragma once

#include <cstdint>
#include <vector>

#include "unfold/sequence_model.h"

namespace unfold {

struct FreeRunOptions {
  Index length = 100;  // steps to make
  Index count = 1;     // sequences
  /// Sequence n of seed s is sequence 0 of seed s + n.
  std::uint64_t seed = 0;
  /// What every sequence continues, [T, F] in the data's own units; empty: the first step is drawn from what those of
  /// the training sequences were on average.
  Tensor prime = {};
};

/// The sequences [T + length, F], each with the prime before it, in the data's own units. Throws UsageError for a model
/// that does not predict the next step.
std::vector<Tensor> free_run(SequenceModel& model, const SequenceStatistics& statistics, const FreeRunOptions& options);

}  // namespace unfold
