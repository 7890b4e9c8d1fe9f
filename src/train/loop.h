// The training loop: steps, validation, best and last checkpoint, log, divergence, interruption. It knows nothing of
// what is trained; a task hands it a Trainee.
#pragma once

#include <functional>
#include <string>

#include "train/run_directory.h"
#include "train/trainee.h"

namespace unfold {

struct LoopSchedule {
  Index steps = 0;
  Index validate_every = 1;
  Index log_every = 1;
  Index patience = 0;  // validations without improvement after which training ends; 0: never
  Index retries = 0;   // returns to the last validation after a divergence, before giving up
  /// The state is saved at every validation, and whenever this much time has passed since.
  double save_seconds = 15;
};

/// For whoever watches: after every step.
struct Progress {
  Index step = 0;                        // done
  Index steps = 0;                       // in all
  double train_nats = 0;                 // over the last steps
  bool in_nats = true;                   // see Trainee
  std::optional<Validation> valid = {};  // the last
  double tokens_per_second = 0;
  double seconds_left = 0;
};

struct LoopHooks {
  std::function<void(const Progress&)> report = [](const Progress&) {};
  std::function<void(const Return&)> went_back = [](const Return&) {};
  std::function<bool()> stop = [] { return false; };
  /// For tasks, before the loop: what the user should know of the data, or what an option could not do.
  std::function<void(const std::string&)> remark = [](const std::string&) {};
};

enum class Outcome { kFinished, kStoppedEarly, kInterrupted, kDiverged };

struct TrainingResult {
  Outcome outcome = Outcome::kFinished;
  TrainingCounters counters;
  std::string reason = {};  // of a divergence
};

/// Trains until `schedule.steps` steps are done or patience ends, from the run's last checkpoint if it resumes. A run
/// that diverges goes back to its last validation, or to its beginning, and tells the trainee so; after
/// `schedule.retries` returns it gives up. Numbers depend on neither the times of saving nor interruptions: the same
/// steps give the same bits.
TrainingResult run_training(Trainee& trainee, const RunDirectory& run, const LoopSchedule& schedule,
                            const LoopHooks& hooks);

}  // namespace unfold
