// What changes the weights of a network in training, as settings describe it: gradients are clipped, an optimiser steps
// at the rate that the schedule gives, weights are averaged.
#pragma once

#include <memory>
#include <vector>

#include "models/safetensors.h"
#include "tasks/training/settings.h"
#include "train/counters.h"
#include "unfold/clipping.h"
#include "unfold/optimizer.h"
#include "unfold/schedule.h"
#include "unfold/weight_average.h"

namespace unfold {

/// Throws UsageError for values out of range and for options that contradict each other.
void check(const OptimizerSettings& settings, const RecoverySettings& recovery);
/// Chooses what was left to the task. Throws UsageError for an unknown optimiser.
void complete(OptimizerSettings& settings, RecoverySettings& recovery);

class Optimization {
 public:
  /// `settings` are complete; `steps` may be unknown to a trial. Epochs of the settings become steps. The parameters
  /// outlive this object. Throws UsageError for an unknown name.
  Optimization(const OptimizerSettings& settings, const RecoverySettings& recovery, const ParameterList& parameters,
               Index steps, Index steps_per_epoch);

  /// Step number `step`, counted from 0, with the gradients that are there; `share` is that of a usual step's data, by
  /// which the rate is multiplied. Weights stay as they are where `nats` or the gradient's norm is not finite. Returns
  /// what happened, for a loss that is a mean over `tokens`.
  StepReport step(Index step, double nats, Index tokens, double share = 1);
  /// See Trainee.
  void heed(const TrainingCounters& counters);
  /// While it lives the network has the weights that are validated and saved.
  AveragedWeights averaged() { return AveragedWeights(average_.get()); }

  /// The memory of optimiser and average to a checkpoint, and back. Throws InputError where it is not theirs.
  void store(TensorFile& file) const;
  void take(TensorFile& file);

 private:
  ParameterList parameters_;
  std::unique_ptr<Optimizer> optimizer_;
  std::unique_ptr<WeightAverage> average_;  // null if there is none
  Schedule schedule_;
  Clipping clipping_;
  const OptimizerSettings settings_;
  const bool clip_search_;
  const Index steps_;
  std::vector<double> validations_;
};

}  // namespace unfold
