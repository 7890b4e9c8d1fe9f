// Sequences of vectors as a model reads and predicts them, step by step: which numbers, and in which form.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "unfold/preparation.h"
#include "unfold/recurrence.h"
#include "unfold/sequences.h"

namespace unfold {

/// What is predicted at a step, and what a prediction costs.
enum class VectorTarget : std::uint8_t {
  kSquared,      // numbers: the squared error
  kBernoulli,    // bits, independent of each other given the steps that were read: -log p of each, in nats
  kCategorical,  // one of K symbols: -log p, in nats
};

/// "squared", "bernoulli", "categorical".
std::string target_name(VectorTarget target);
/// Throws UsageError for any other text.
VectorTarget parse_target(const std::string& name);

/// How the F numbers of a step become the I that a network reads, the W that are compared with what it writes, and
/// back. A value of a model: made from the training part, stored with the model.
///
/// Numbers are standardised. Bits stay as they are. A symbol is one column with its number, 0 to K - 1, or K columns of
/// which one is 1; the network reads K columns, and W is 1: the symbol's number.
struct VectorCoding {
  VectorTarget target = VectorTarget::kSquared;
  std::vector<std::string> names;  // [F]; "1", "2", ... where the file names none
  /// The columns that are predicted from the others of the same step, in rising order. Empty: all columns of the next
  /// step are predicted from those of this one.
  std::vector<Index> predicted;
  Index symbols = 0;                // K, of kCategorical
  Standardisation standardisation;  // [F]: 0 and 1 for columns that stay as they are

  /// The target as `wanted`, or, where that is nothing, kBernoulli if every predicted number is 0 or 1, otherwise
  /// kSquared. `targets` are names of columns. Throws InputError for sequences that are not vectors or do not fit the
  /// target, UsageError for a column that is not there.
  static VectorCoding of(const SequenceData& train, std::optional<VectorTarget> wanted,
                         const std::vector<std::string>& targets = {});

  bool predicts_next() const { return predicted.empty(); }
  Index inputs() const;   // I
  Index outputs() const;  // O, of the network: means, logits of bits, or logits of K symbols
  Index targets() const;  // W
  /// Symbols of each of the W chains that the targets are: 2 of bits, K of symbols, 0 of numbers.
  Index chain_symbols() const;
  /// The columns that are predicted, whichever step's.
  std::vector<Index> predicted_columns() const;
  /// Steps of a sequence of T steps that are predicted from others: T, or T - 1 where the next one is predicted.
  Index predictions(Index steps) const;

  /// Throws InputError, naming the line, for a sequence that is not of such vectors.
  void expect(const Sequence& sequence, SequenceKind kind) const;
  /// What a network reads of a step: row [F] to input [I]. A missing number reads as the mean, a missing bit as 0.
  void read(std::span<const float> row, std::span<float> input) const;
  /// What it is compared with: row [F] to target [W]; NaN where a number or bit is missing.
  void compare(std::span<const float> row, std::span<float> target) const;
  /// The other way: target [W] to the predicted columns, in the data's own units.
  std::vector<float> restored(std::span<const float> target) const;

  bool operator==(const VectorCoding&) const = default;
};

/// Sequences side by side as a network learns from them.
struct VectorStepBatch {
  Unrolling unrolling;                   // of B sequences, N rows
  Tensor inputs;                         // [N, I]
  Tensor targets;                        // [N, W]
  std::vector<std::uint64_t> sequences;  // [B] numbers, which the masks of dropout follow
};

/// The predictions of `sequences`, numbers into `data`, which fits the coding. With `shifts`, one for each, the columns
/// of a sequence of bits are moved up by so many; what leaves the vector is lost, zeros come in.
VectorStepBatch batch_of_steps(const SequenceData& data, const VectorCoding& coding, std::span<const Index> sequences,
                               std::span<const Index> shifts = {});

}  // namespace unfold
