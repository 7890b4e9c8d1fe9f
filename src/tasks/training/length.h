// How long to train and how often to validate, where the user left it open or gave it as epochs or minutes.
#pragma once

#include <functional>

#include "tasks/training/settings.h"
#include "train/loop.h"
#include "train/time_budget.h"
#include "unfold/sequence_batches.h"

namespace unfold {

/// What is known of a task's work.
struct Work {
  std::function<Index(Index epoch)> steps_in_epoch;
  /// The share of the training's time that one validation takes, for a training of so many steps.
  std::function<double(Index steps)> validation_share;
  /// See fit_time_budget: trains a trial, whose schedule must do without the number of steps.
  std::function<TimeBudget(double seconds)> measure;
};

/// Of a task whose batches are whole sequences, of so many steps in an epoch, and that validates on `valid` steps.
Work work_of(const SequenceBatches& batches, Index valid, std::function<TimeBudget(double seconds)> measure);

/// Throws UsageError for values out of range.
void check(const LengthSettings& settings);
/// Turns epochs or minutes into steps, and chooses how often to validate: at most 20 times, fewer where that costs
/// much.
void complete(LengthSettings& settings, Index usual_epochs, const Work& work);

/// The loop's part of complete settings.
LoopSchedule loop_schedule(const LengthSettings& length, const RecoverySettings& recovery);

}  // namespace unfold
