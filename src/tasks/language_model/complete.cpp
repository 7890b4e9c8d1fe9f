#include "tasks/language_model/complete.h"

#include <fmt/core.h>

#include "tasks/language_model/trainee.h"
#include "tasks/option_text.h"
#include "tasks/training/length.h"
#include "unfold/error.h"

namespace unfold {
namespace {

constexpr Index kDefaultEpochs = 10;
constexpr Index kMostWords = 10000;
constexpr Index kMostPieces = 4000;
// A token that is only predicted costs a third of one that is learnt from.
constexpr double kValidationTokenCost = 1.0 / 3.0;

void expect_positive(const char* name, Index value) {
  if (value < 1) throw UsageError(fmt::format("--{} must be above 0, found {}", name, value));
}

}  // namespace

void check(const LanguageModelSettings& settings) {
  settings.network.layer_sizes();
  parse_precision(settings.execution.precision);
  expect_positive("batch", settings.text.batch);
  expect_positive("unroll", settings.text.unroll);
  check(settings.length);
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
}

void complete_length(LanguageModelSettings& settings, const LanguageModelData& data) {
  const std::unique_ptr<TrainingBatches> batches = training_batches(settings, data);
  const Work work{.steps_in_epoch = [&](Index epoch) { return batches->windows(epoch); },
                  .validation_share =
                      [&](Index steps) {
                        const double training =
                            batches->epochs(steps) * static_cast<double>(batches->tokens_per_epoch());
                        return kValidationTokenCost * static_cast<double>(data.valid.size()) / training;
                      },
                  .measure =
                      [&](double seconds) {
                        LanguageModelSettings measured = settings;
                        measured.optimizer.schedule = "constant";  // the others need to know the number of steps
                        LanguageModelTrainee trial(measured, data);
                        return fit_time_budget(trial, seconds);
                      }};
  complete(settings.length, kDefaultEpochs, work);
}

}  // namespace unfold
