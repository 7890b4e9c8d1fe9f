// Training of the task `lm`: completes the settings, begins the run, hands model and data to the loop.
#include <fmt/core.h>

#include <algorithm>

#include "base/file.h"
#include "base/threads.h"
#include "tasks/language_model_trainee.h"
#include "train/time_budget.h"
#include "unfold/error.h"
#include "unfold/generate.h"

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
constexpr Index kLogLinesPerValidation = 10;
// Samples are shown before training, and then whenever the number of steps has doubled, from this share of all.
constexpr Index kFirstSampleShare = 64;
constexpr std::size_t kSampleContext = 64;  // tokens read before writing
constexpr double kSampleTemperature = 0.7;

void expect_positive(const char* name, double value) {
  if (!(value > 0)) throw UsageError(fmt::format("--{} must be above 0, found {}", name, value));
}

void check(const LanguageModelSettings& settings) {
  expect_positive("hidden", static_cast<double>(settings.hidden));
  expect_positive("layers", static_cast<double>(settings.layers));
  expect_positive("batch", static_cast<double>(settings.batch));
  expect_positive("unroll", static_cast<double>(settings.unroll));
  if (settings.steps != kAutomatic) expect_positive("steps", static_cast<double>(settings.steps));
  if (settings.epochs != kAutomatic) expect_positive("epochs", static_cast<double>(settings.epochs));
  if (settings.minutes != kAutomatic) expect_positive("minutes", settings.minutes);
  if (settings.learning_rate != kAutomatic) expect_positive("lr", settings.learning_rate);
  if (settings.validate_every != kAutomatic)
    expect_positive("validate-every", static_cast<double>(settings.validate_every));
}

/// Chooses what was left to the task, except for the length.
void complete(LanguageModelSettings& settings) {
  if (settings.embed == kAutomatic) settings.embed = settings.level == "word" ? settings.hidden : 0;
  if (settings.vocabulary == kAutomatic) settings.vocabulary = settings.level == "word" ? kMostWords : 0;
  if (settings.learning_rate == kAutomatic) settings.learning_rate = settings.optimizer == "sgd" ? kSgdRate : kAdamRate;
  if (settings.threads == kAutomatic) settings.threads = thread_count();
}

Index affordable_validations(const LanguageModelSettings& settings, const LanguageModelData& data) {
  const double training = static_cast<double>(settings.steps * settings.batch * settings.unroll);
  const double validation = kValidationTokenCost * static_cast<double>(data.valid.size());
  return static_cast<Index>(std::clamp(kValidationShare * training / validation, 1.0, kMostValidations));
}

/// Turns epochs or minutes into steps.
void complete_length(LanguageModelSettings& settings, const LanguageModelData& data) {
  Index validations = 0;
  if (settings.steps == kAutomatic && settings.minutes != kAutomatic) {
    LanguageModelSettings measured = settings;
    measured.schedule = "constant";  // the others need to know the number of steps
    LanguageModelTrainee trial(measured, data);
    const TimeBudget budget = fit_time_budget(trial, settings.minutes * 60);
    settings.steps = budget.steps;
    validations = budget.validations;
  } else if (settings.steps == kAutomatic) {
    if (settings.epochs == kAutomatic) settings.epochs = kDefaultEpochs;
    settings.steps = settings.epochs * StreamBatches(data.train, settings.batch, settings.unroll).windows();
  }
  if (validations == 0) validations = affordable_validations(settings, data);
  if (settings.validate_every == kAutomatic) settings.validate_every = (settings.steps + validations - 1) / validations;
}

/// Shows at growing intervals how the model continues the beginning of the validation text. (Without any text it would
/// begin with a state that training rarely meets.)
class Sampling {
 public:
  Sampling(const LanguageModelHooks& hooks, LanguageModelTrainee& trainee, const LanguageModelData& data,
           const LanguageModelSettings& settings)
      : hooks_(hooks),
        trainee_(trainee),
        data_(data),
        seed_(static_cast<std::uint64_t>(settings.seed)),
        next_(std::max<Index>(1, settings.steps / kFirstSampleShare)) {}

  void show(Index step) const {
    const std::span<const std::int32_t> context =
        std::span(data_.valid).first(std::min(kSampleContext, data_.valid.size()));
    const GenerateOptions options{.prompt = data_.vocabulary.decode(context),
                                  .length = hooks_.sample_length,
                                  .temperature = kSampleTemperature,
                                  .seed = seed_};
    hooks_.sample(step, generate(trainee_.model(), data_.vocabulary, options));
  }
  void look(Index step) {
    if (step < next_) return;
    show(step);
    while (next_ <= step) next_ *= 2;
  }

 private:
  const LanguageModelHooks& hooks_;
  LanguageModelTrainee& trainee_;
  const LanguageModelData& data_;
  std::uint64_t seed_;
  Index next_;
};

}  // namespace

LanguageModelRun train_language_model(LanguageModelSettings settings, const RunDirectory& run,
                                      const LanguageModelHooks& hooks) {
  check(settings);
  complete(settings);
  const LanguageModelData data = read_data(settings);
  complete_length(settings, data);
  LanguageModelTrainee trainee(settings, data);

  run.begin();
  if (!run.resumes()) write_atomically(run.config(), settings.config());
  Sampling sampling(hooks, trainee, data, settings);
  LoopHooks loop_hooks = hooks;
  if (hooks.sample_length > 0) {
    if (!run.resumes()) sampling.show(0);
    loop_hooks.report = [&](const Progress& progress) {
      hooks.report(progress);
      sampling.look(progress.step);
    };
  }
  const LoopSchedule schedule{.steps = settings.steps,
                              .validate_every = settings.validate_every,
                              .log_every = std::max<Index>(1, settings.validate_every / kLogLinesPerValidation)};
  const TrainingResult result = run_training(trainee, run, schedule, loop_hooks);
  return {.result = result,
          .epochs = trainee.epochs(result.counters.step),
          .parameters = trainee.model().parameter_count(),
          .vocabulary = data.vocabulary.size()};
}

}  // namespace unfold
