// The optimiser, the schedule and the average that the settings of the task `lm` describe.
#pragma once

#include <memory>

#include "tasks/language_model/settings.h"
#include "unfold/clipping.h"
#include "unfold/optimizer.h"
#include "unfold/schedule.h"
#include "unfold/weight_average.h"

namespace unfold {

/// Throws UsageError for values out of range and for options that contradict each other.
void check(const OptimizerSettings& settings, const RecoverySettings& recovery);
/// Chooses what was left to the task. Throws UsageError for an unknown optimiser.
void complete(OptimizerSettings& settings, RecoverySettings& recovery);

/// These throw UsageError for an unknown name.
std::unique_ptr<Optimizer> make_optimizer(const OptimizerSettings& settings, const ParameterList& parameters);
/// Epochs become steps.
Schedule make_schedule(const OptimizerSettings& settings, Index steps_per_epoch);

/// Null if there is none; exponential averages have begun, asgd's begins when validations cease to improve.
std::unique_ptr<WeightAverage> make_average(const OptimizerSettings& settings, const ParameterList& parameters);

}  // namespace unfold
