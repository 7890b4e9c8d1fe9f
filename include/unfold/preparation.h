// What labelled sequences need before a model learns from them: a part held out, duplicates found, classes weighted,
// numbers standardised.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "unfold/sequences.h"

namespace unfold {

/// x' = (x - mean) / deviation for each of I numbers: mean 0 and deviation 1 where the statistics come from. A value of
/// a model: made from the training part, stored, applied to whatever the model reads.
struct Standardisation {
  std::vector<float> mean;       // [I]
  std::vector<float> deviation;  // [I], of the population; 1 for a number that never changes

  /// Of all steps of all sequences, missing values left out; computed in double. Throws ContractError for sequences
  /// that are not vectors.
  static Standardisation of(const SequenceData& data);
  /// [T, I] in place. A missing value becomes 0, which is the mean. Throws ContractError for another I.
  void apply(Tensor& values) const;
  bool operator==(const Standardisation&) const = default;
};

struct HoldOut {
  SequenceData train;
  SequenceData held_out;
};

/// Holds out `share` of the sequences of each label, to the nearest whole number and never a label's last one; which
/// ones is drawn for (seed, the label's name), so that a label's choice does not depend on the others. Sequences keep
/// their order. Those without a label, and those whose steps are labelled, are one class. Throws UsageError unless
/// 0 <= share < 1.
HoldOut stratified_hold_out(SequenceData data, double share, std::uint64_t seed);

/// Removes sequences that an earlier one with the same label equals. Returns how many.
Index remove_duplicates(SequenceData& data);

/// Of sequences, their labels and their order: tells whether data is what it was.
std::uint32_t content_checksum(const SequenceData& data);

/// A sequence that stands in another part, too.
struct Leak {
  Index sequence = 0;       // its number
  bool same_label = false;  // there it has the same label at least once
  bool operator==(const Leak&) const = default;
};

/// Sequences of `others` that are identical to one of `data`, in order. Labels have the same ids in both (relabel).
std::vector<Leak> identical_sequences(const SequenceData& data, const SequenceData& others);

/// A weight for each label, N / (K n_k) for n_k of N sequences and K labels that occur, so that each label counts alike
/// and the mean weight of a sequence is 1 (King and Zeng 2001); 0 for a label that does not occur. Of labelled steps,
/// where the sequences have no label.
std::vector<float> class_weights(const SequenceData& data);

}  // namespace unfold
