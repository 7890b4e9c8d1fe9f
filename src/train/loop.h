// The training loop: steps, validation, best and last checkpoint, log, divergence, interruption. It knows nothing of
// what is trained; a task hands it a Trainee.
#pragma once

#include <functional>
#include <limits>
#include <string>

#include "train/run_directory.h"
#include "unfold/tensor.h"

namespace unfold {

/// What one training step did. Losses are means per predicted token, in nats.
struct StepReport {
  double nats = 0;
  Index tokens = 0;  // predicted
  double learning_rate = 0;
  double gradient_norm = 0;  // before clipping
};

/// A running mean of losses, weighted by tokens.
struct MeanLoss {
  double sum = 0;
  Index tokens = 0;

  void add(const StepReport& report) {
    sum += report.nats * static_cast<double>(report.tokens);
    tokens += report.tokens;
  }
  double nats() const { return tokens == 0 ? 0 : sum / static_cast<double>(tokens); }
};

/// How far a run has come: saved with the checkpoint, so that a resumed run goes on counting.
struct TrainingCounters {
  Index step = 0;                                               // steps done
  Index tokens = 0;                                             // predicted in training
  double seconds = 0;                                           // spent in the loop, over all sittings
  double train_nats = 0;                                        // over the steps between the last two validations
  double valid_nats = std::numeric_limits<double>::infinity();  // the lowest so far, that of the saved model
  Index valid_step = 0;                                         // where it was measured
  MeanLoss since_log;
  MeanLoss since_validation;
};

/// What the loop trains: model, optimiser and position in the data, together.
class Trainee {
 public:
  virtual ~Trainee() = default;

  /// Training step number `step`, counted from 0. Leaves the model unchanged where loss or gradient are not finite.
  virtual StepReport train(Index step) = 0;
  /// Mean loss over the validation data, in nats per token. Does not touch what training depends on.
  virtual double validate() = 0;
  /// Passes over the training data that `steps` steps make.
  virtual double epochs(Index steps) const = 0;

  /// Writes the model, atomically.
  virtual void save_model(const std::filesystem::path& file) = 0;
  /// Writes everything that the next step depends on, and the counters; atomically.
  virtual void save(const std::filesystem::path& file, const TrainingCounters& counters) = 0;
  /// Reads it back. Throws InputError where the file is damaged or belongs to another run.
  virtual TrainingCounters restore(const std::filesystem::path& file) = 0;
};

struct LoopSchedule {
  Index steps = 0;
  Index validate_every = 1;
  Index log_every = 1;
  /// The state is saved at every validation, and whenever this much time has passed since.
  double save_seconds = 15;
};

/// For whoever watches: after every step.
struct Progress {
  Index step = 0;         // done
  Index steps = 0;        // in all
  double train_nats = 0;  // over the last steps
  double valid_nats = 0;  // the last measured; infinite before the first
  double tokens_per_second = 0;
  double seconds_left = 0;
};

struct LoopHooks {
  std::function<void(const Progress&)> report = [](const Progress&) {};
  std::function<bool()> stop = [] { return false; };
};

enum class Outcome { kFinished, kInterrupted, kDiverged };

struct TrainingResult {
  Outcome outcome = Outcome::kFinished;
  TrainingCounters counters;
};

/// Trains until `schedule.steps` steps are done, from the run's last checkpoint if it resumes. Numbers depend on
/// neither the times of saving nor interruptions: the same steps give the same bits.
TrainingResult run_training(Trainee& trainee, const RunDirectory& run, const LoopSchedule& schedule,
                            const LoopHooks& hooks);

}  // namespace unfold
