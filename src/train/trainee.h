// What the loop trains.
#pragma once

#include <filesystem>

#include "train/counters.h"

namespace unfold {

/// Model, optimiser and position in the data, together.
class Trainee {
 public:
  virtual ~Trainee() = default;

  /// Training step number `step`, counted from 0. Leaves the model unchanged where loss or gradient are not finite.
  virtual StepReport train(Index step) = 0;
  /// Over the validation data. Does not touch what training depends on.
  virtual Validation validate() = 0;
  /// What the run has been through: validations, from which schedules and averages may draw conclusions, and returns
  /// after a divergence, each of which halves the learning rate (or whatever is to be halved). Called before the first
  /// step of a sitting, after every validation, and after every return; with the same counters it changes nothing more.
  virtual void heed(const TrainingCounters& counters) = 0;

  /// What its losses are: nats, or squared errors that stand in the place of nats.
  virtual bool in_nats() const { return true; }
  /// The loss, in nats per token, of a model that knows nothing: ln V for V equally likely answers.
  virtual double uninformed_nats() const = 0;
  /// Passes over the training data that `steps` steps make.
  virtual double epochs(Index steps) const = 0;

  /// Writes the model, atomically.
  virtual void save_model(const std::filesystem::path& file) = 0;
  /// Writes everything that the next step depends on, and the counters; atomically.
  virtual void save(const std::filesystem::path& file, const TrainingCounters& counters) = 0;
  /// Reads it back. Throws InputError where the file is damaged or belongs to another run.
  virtual TrainingCounters restore(const std::filesystem::path& file) = 0;
};

}  // namespace unfold
