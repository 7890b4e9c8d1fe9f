// When training counts as diverged: numbers that are not finite, or a loss that has left its usual height for good.
#pragma once

#include <optional>
#include <string>

#include "unfold/tensor.h"

namespace unfold {

/// What one training step did. Losses are means per predicted token, in nats.
struct StepReport {
  double nats = 0;
  Index tokens = 0;  // predicted
  double learning_rate = 0;
  double gradient_norm = 0;  // before clipping
};

/// Two exponential means of the training loss: over the last 10 steps or so, and over the last 100.
struct LossTrend {
  double recent = 0;
  double usual = 0;

  /// Of a run that begins: `uninformed` is the loss of a model that knows nothing.
  static LossTrend start(double uninformed) { return {uninformed, uninformed}; }
  void add(double nats);
};

/// True unless the loss is rising: only such a state is worth going back to.
bool calm(const LossTrend& trend);

/// Why training has diverged at a step, or nothing. Diverged means: the loss or the gradient's norm is not finite, or
/// the loss spiked: its recent mean is above 1.5 times its usual one and above `uninformed`. A hard batch is no
/// spike, and neither is the noise of small ones.
std::optional<std::string> divergence(const StepReport& report, const LossTrend& trend, double uninformed);

/// A divergence, and the return that follows it.
struct Return {
  Index from = 0;      // the step that diverged, counted from 1
  std::string reason;  // "the loss is not a finite number"
  Index to = 0;        // steps done that remain
  Index times = 0;     // returns so far, this one included
  Index most = 0;      // returns before giving up
};

}  // namespace unfold
