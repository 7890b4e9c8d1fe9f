// The optimiser and the schedule that the settings of the task `lm` describe.
#pragma once

#include <memory>

#include "tasks/language_model/settings.h"
#include "unfold/optimizer.h"
#include "unfold/schedule.h"

namespace unfold {

/// Both throw UsageError for an unknown name.
std::unique_ptr<Optimizer> make_optimizer(const OptimizerSettings& settings, const ParameterList& parameters);
Schedule make_schedule(const OptimizerSettings& settings);

}  // namespace unfold
