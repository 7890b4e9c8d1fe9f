// The beginning of a run's training, for any task: its folder, its configuration, the loop.
#pragma once

#include "base/file.h"
#include "tasks/training/length.h"
#include "tasks/training/run_settings.h"
#include "train/loop.h"

namespace unfold {

/// Trains; a new run's folder gets the settings as they stand, completed.
template <class TaskSettings>
TrainingResult begin_training(Trainee& trainee, const TaskSettings& settings, const RunDirectory& run,
                              const LoopHooks& hooks) {
  run.begin();
  if (!run.resumes()) write_atomically(run.config(), config_of(settings));
  return run_training(trainee, run, loop_schedule(settings.length, settings.recovery), hooks);
}

}  // namespace unfold
