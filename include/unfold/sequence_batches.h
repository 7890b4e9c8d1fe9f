// Batches of whole sequences whose lengths vary freely.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "unfold/batches.h"
#include "unfold/recurrence.h"
#include "unfold/sequences.h"

namespace unfold {

/// Groups of sequences, numbers into `lengths`, of about the same length: in each at least one sequence and, where it
/// is more than one, at most `budget` steps in all. Longest first, equal lengths as they stand. So nothing is
/// truncated, and about the same work is in each group. Throws UsageError for a budget below 1.
std::vector<std::vector<Index>> group_by_length(std::span<const Index> lengths, Index budget);

/// Training batches epoch after epoch: every sequence once an epoch. Groups are made within pools of sequences drawn
/// for (seed, epoch), and come in random order, so that no two epochs have the same.
class SequenceBatches {
 public:
  /// Throws InputError where there are no sequences, UsageError for a budget below 1.
  SequenceBatches(std::vector<Index> lengths, Index budget, std::uint64_t seed);

  /// The sequences of the batch at the position; the position moves on, at the end of an epoch to the next.
  std::vector<Index> next();
  /// Batches of an epoch. Epochs may differ.
  Index batches(Index epoch) const;
  /// Passes over the sequences that `steps` batches make from the beginning.
  double epochs(Index steps) const;
  /// The sum of the lengths.
  Index steps_per_epoch() const;

  /// `window` is the batch within the epoch.
  BatchPosition position() const { return position_; }
  /// Throws ContractError for a batch that does not exist.
  void seek(BatchPosition position);

 private:
  std::vector<std::vector<Index>> draw(Index epoch) const;
  const std::vector<std::vector<Index>>& groups(Index epoch) const;

  std::vector<Index> lengths_;
  Index budget_ = 0;
  std::uint64_t seed_ = 0;
  BatchPosition position_;
  mutable std::vector<std::vector<Index>> groups_;  // of `drawn_`
  mutable Index drawn_ = -1;
};

/// Sequences of vectors side by side, ready for a recurrence.
struct VectorBatch {
  Unrolling unrolling;  // of B sequences, N rows
  Tensor values;        // [N, I]
  /// [B] of the sequences; [N] of their steps, empty where no sequence has any.
  std::vector<std::int32_t> labels;
  std::vector<std::int32_t> step_labels;
};

/// The batch of the given sequences, in their order. Throws ContractError where they are not vectors of one size.
VectorBatch batch_of_vectors(const SequenceData& data, std::span<const Index> sequences);

}  // namespace unfold
