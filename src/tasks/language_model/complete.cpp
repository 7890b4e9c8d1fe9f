#include "tasks/language_model/complete.h"

#include <fmt/core.h>

#include <algorithm>

#include "base/threads.h"
#include "tasks/language_model/trainee.h"
#include "train/time_budget.h"
#include "unfold/error.h"

namespace unfold {
namespace {

constexpr Index kDefaultEpochs = 10;
constexpr Index kMostWords = 10000;
constexpr double kAdamRate = 2e-3;
constexpr double kSgdRate = 1;
// At most so many validations, and no more than cost this share of the training. A token that is only predicted costs a
// third of one that is learnt from.
constexpr double kMostValidations = 20;
constexpr double kValidationShare = 0.1;
constexpr double kValidationTokenCost = 1.0 / 3.0;

void expect_positive(const char* name, double value) {
  if (!(value > 0)) throw UsageError(fmt::format("--{} must be above 0, found {}", name, value));
}

}  // namespace

void check(const LanguageModelSettings& settings) {
  expect_positive("hidden", static_cast<double>(settings.network.hidden));
  expect_positive("layers", static_cast<double>(settings.network.layers));
  expect_positive("batch", static_cast<double>(settings.text.batch));
  expect_positive("unroll", static_cast<double>(settings.text.unroll));
  if (settings.length.steps != kAutomatic) expect_positive("steps", static_cast<double>(settings.length.steps));
  if (settings.length.epochs != kAutomatic) expect_positive("epochs", static_cast<double>(settings.length.epochs));
  if (settings.length.minutes != kAutomatic) expect_positive("minutes", settings.length.minutes);
  if (settings.optimizer.learning_rate != kAutomatic) expect_positive("lr", settings.optimizer.learning_rate);
  if (settings.length.validate_every != kAutomatic)
    expect_positive("validate-every", static_cast<double>(settings.length.validate_every));
}

void complete(LanguageModelSettings& settings) {
  if (settings.network.embed == kAutomatic) settings.network.embed = settings.text.level == "word" ? settings.network.hidden : 0;
  if (settings.text.vocabulary == kAutomatic) settings.text.vocabulary = settings.text.level == "word" ? kMostWords : 0;
  if (settings.optimizer.learning_rate == kAutomatic) settings.optimizer.learning_rate = settings.optimizer.method == "sgd" ? kSgdRate : kAdamRate;
  if (settings.threads == kAutomatic) settings.threads = thread_count();
}

namespace {

Index affordable_validations(const LanguageModelSettings& settings, const LanguageModelData& data) {
  const double training = static_cast<double>(settings.length.steps * settings.text.batch * settings.text.unroll);
  const double validation = kValidationTokenCost * static_cast<double>(data.valid.size());
  return static_cast<Index>(std::clamp(kValidationShare * training / validation, 1.0, kMostValidations));
}

}  // namespace

void complete_length(LanguageModelSettings& settings, const LanguageModelData& data) {
  Index validations = 0;
  if (settings.length.steps == kAutomatic && settings.length.minutes != kAutomatic) {
    LanguageModelSettings measured = settings;
    measured.optimizer.schedule = "constant";  // the others need to know the number of steps
    LanguageModelTrainee trial(measured, data);
    const TimeBudget budget = fit_time_budget(trial, settings.length.minutes * 60);
    settings.length.steps = budget.steps;
    validations = budget.validations;
  } else if (settings.length.steps == kAutomatic) {
    if (settings.length.epochs == kAutomatic) settings.length.epochs = kDefaultEpochs;
    settings.length.steps = settings.length.epochs * StreamBatches(data.train, settings.text.batch, settings.text.unroll).windows();
  }
  if (validations == 0) validations = affordable_validations(settings, data);
  if (settings.length.validate_every == kAutomatic) settings.length.validate_every = (settings.length.steps + validations - 1) / validations;
}

}  // namespace unfold
