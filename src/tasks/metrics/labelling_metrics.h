// What is measured where labels are predicted: of whole sequences, and of steps.
#pragma once

#include <cstdint>
#include <span>

#include "tasks/metrics/confusion.h"

namespace unfold {

/// -log p, where a probability below 1e-15 counts as that: a model that is sure and wrong costs much, not everything.
double log_loss(double probability);

/// Labels of whole sequences.
struct ClassificationMetrics {
  Confusion confusion;
  double nats = 0;  // the sum of the log-losses

  explicit ClassificationMetrics(Index labels) : confusion(labels) {}

  /// One sequence, `probabilities` [K] of the first K labels; the most probable one, the first of equal ones, counts as
  /// predicted. Labels that the model does not know are K and above.
  void add(std::int32_t truth, std::span<const double> probabilities);
  /// The mean per sequence.
  double log_loss() const;
};

/// Labels of steps. Steps without a label (below 0) are not counted.
struct TaggingMetrics {
  Confusion confusion;
  Index sequences = 0;        // with a label at least
  Index right_sequences = 0;  // in which every label is right
  Index unknown = 0;          // steps whose word the training part lacks
  Index right_unknown = 0;
  double nats = 0;  // the sum of the steps' log-losses

  explicit TaggingMetrics(Index labels) : confusion(labels) {}

  /// One sequence of T steps: labels, predictions, [T, K] probabilities of the first K labels; whether each step's word
  /// is known.
  void add(std::span<const std::int32_t> truth, std::span<const std::int32_t> predicted,
           std::span<const double> probabilities, const std::vector<bool>& known);
  double sequence_accuracy() const;
  double unknown_accuracy() const;
  /// The mean per step.
  double log_loss() const;
};

}  // namespace unfold
