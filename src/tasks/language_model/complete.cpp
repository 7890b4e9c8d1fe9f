#include "tasks/language_model/complete.h"

#include <fmt/core.h>

#include <algorithm>

#include "base/threads.h"
#include "tasks/language_model/optimization.h"
#include "tasks/language_model/trainee.h"
#include "tasks/option_text.h"
#include "train/time_budget.h"
#include "unfold/error.h"

namespace unfold {
namespace {

constexpr Index kDefaultEpochs = 10;
constexpr Index kMostWords = 10000;
constexpr Index kMostPieces = 4000;
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
  const LengthSettings& length = settings.length;
  settings.network.layer_sizes();
  parse_precision(settings.precision);
  expect_positive("batch", static_cast<double>(settings.text.batch));
  expect_positive("unroll", static_cast<double>(settings.text.unroll));
  if (length.steps != kAutomatic) expect_positive("steps", static_cast<double>(length.steps));
  if (length.epochs != kAutomatic) expect_positive("epochs", static_cast<double>(length.epochs));
  if (length.minutes != kAutomatic) expect_positive("minutes", length.minutes);
  if (length.validate_every != kAutomatic)
    expect_positive("validate-every", static_cast<double>(length.validate_every));
  check(settings.optimizer, settings.recovery);
}

void complete(TextSettings& text) {
  if (text.vocabulary != kAutomatic) return;
  text.vocabulary = text.level == "word" ? kMostWords : text.level == "bpe" ? kMostPieces : 0;
}

void complete(LanguageModelSettings& settings) {
  complete(settings.text);
  NetworkSettings& network = settings.network;
  const std::vector<Index> sizes = network.layer_sizes();
  network.layers = static_cast<Index>(sizes.size());
  const bool many_symbols = settings.text.level == "word" || settings.text.level == "bpe";
  if (network.embed == kAutomatic) network.embed = many_symbols || network.tie_weights ? sizes.back() : 0;
  complete(settings.optimizer, settings.recovery);
  if (settings.threads == kAutomatic) settings.threads = thread_count();
}

namespace {

Index affordable_validations(const LanguageModelSettings& settings, const LanguageModelData& data) {
  const std::unique_ptr<TrainingBatches> batches = training_batches(settings, data);
  const double training = batches->epochs(settings.length.steps) * static_cast<double>(batches->tokens_per_epoch());
  const double validation = kValidationTokenCost * static_cast<double>(data.valid.size());
  return static_cast<Index>(std::clamp(kValidationShare * training / validation, 1.0, kMostValidations));
}

}  // namespace

void complete_length(LanguageModelSettings& settings, const LanguageModelData& data) {
  LengthSettings& length = settings.length;
  Index validations = 0;
  if (length.steps == kAutomatic && length.minutes != kAutomatic) {
    LanguageModelSettings measured = settings;
    measured.optimizer.schedule = "constant";  // the others need to know the number of steps
    LanguageModelTrainee trial(measured, data);
    const TimeBudget budget = fit_time_budget(trial, length.minutes * 60);
    length.steps = budget.steps;
    validations = budget.validations;
  } else if (length.steps == kAutomatic) {
    if (length.epochs == kAutomatic) length.epochs = kDefaultEpochs;
    const std::unique_ptr<TrainingBatches> batches = training_batches(settings, data);
    length.steps = 0;
    for (Index epoch = 0; epoch < length.epochs; ++epoch) length.steps += batches->windows(epoch);
  }
  if (validations == 0) validations = affordable_validations(settings, data);
  if (length.validate_every == kAutomatic) length.validate_every = (length.steps + validations - 1) / validations;
}

}  // namespace unfold
