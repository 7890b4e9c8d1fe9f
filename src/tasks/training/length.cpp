#include "tasks/training/length.h"

#include <fmt/core.h>

#include <algorithm>

#include "unfold/error.h"

namespace unfold {
namespace {

// At most so many validations, and no more than cost this share of the training.
constexpr double kMostValidations = 20;
constexpr double kValidationShare = 0.1;
constexpr Index kLogLinesPerValidation = 10;
// A step that is only predicted costs a third of one that is learnt from.
constexpr double kValidationStepCost = 1.0 / 3.0;

void expect_positive(const char* name, double value) {
  if (!(value > 0)) throw UsageError(fmt::format("--{} must be above 0, found {}", name, value));
}

}  // namespace

void check(const LengthSettings& settings) {
  if (settings.steps != kAutomatic) expect_positive("steps", static_cast<double>(settings.steps));
  if (settings.epochs != kAutomatic) expect_positive("epochs", static_cast<double>(settings.epochs));
  if (settings.minutes != kAutomatic) expect_positive("minutes", settings.minutes);
  if (settings.validate_every == kAutomatic) return;
  expect_positive("validate-every", static_cast<double>(settings.validate_every));
}

Work work_of(const SequenceBatches& batches, Index valid, std::function<TimeBudget(double seconds)> measure) {
  return {.steps_in_epoch = [&batches](Index epoch) { return batches.batches(epoch); },
          .validation_share =
              [&batches, valid](Index steps) {
                const double training = batches.epochs(steps) * static_cast<double>(batches.steps_per_epoch());
                return kValidationStepCost * static_cast<double>(valid + 1) / training;
              },
          .measure = std::move(measure)};
}

void complete(LengthSettings& settings, Index usual_epochs, const Work& work) {
  Index validations = 0;
  if (settings.steps == kAutomatic && settings.minutes != kAutomatic) {
    const TimeBudget budget = work.measure(settings.minutes * 60);
    settings.steps = budget.steps;
    validations = budget.validations;
  } else if (settings.steps == kAutomatic) {
    if (settings.epochs == kAutomatic) settings.epochs = usual_epochs;
    settings.steps = 0;
    for (Index epoch = 0; epoch < settings.epochs; ++epoch) settings.steps += work.steps_in_epoch(epoch);
  }
  if (settings.validate_every != kAutomatic) return;
  if (validations == 0) {
    const double affordable = kValidationShare / work.validation_share(settings.steps);
    validations = static_cast<Index>(std::clamp(affordable, 1.0, kMostValidations));
  }
  settings.validate_every = (settings.steps + validations - 1) / validations;
}

LoopSchedule loop_schedule(const LengthSettings& length, const RecoverySettings& recovery) {
  return {.steps = length.steps,
          .validate_every = length.validate_every,
          .log_every = std::max<Index>(1, length.validate_every / kLogLinesPerValidation),
          .patience = length.patience,
          .retries = recovery.retries};
}

}  // namespace unfold
