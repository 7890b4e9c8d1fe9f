// Training of the task `lm`: completes the settings, begins the run, hands model and data to the loop.
#include <algorithm>

#include "base/file.h"
#include "tasks/language_model/complete.h"
#include "tasks/language_model/language_model.h"
#include "tasks/language_model/trainee.h"
#include "unfold/generate.h"
#include "unfold/language_text_model.h"

namespace unfold {
namespace {

constexpr Index kLogLinesPerValidation = 10;
// Samples are shown before training, and then whenever the number of steps has doubled, from this share of all.
constexpr Index kFirstSampleShare = 64;
constexpr std::size_t kSampleContext = 64;  // tokens read before writing
constexpr double kSampleTemperature = 0.7;

/// Shows at growing intervals how the model continues the beginning of the validation text. (Without any text it would
/// begin with a state that training rarely meets.)
class Samples {
 public:
  Samples(const LanguageModelHooks& hooks, LanguageModelTrainee& trainee, const LanguageModelData& data,
          const LanguageModelSettings& settings)
      : hooks_(hooks),
        trainee_(trainee),
        data_(data),
        seed_(static_cast<std::uint64_t>(settings.seed)),
        next_(std::max<Index>(1, settings.length.steps / kFirstSampleShare)) {}

  void show(Index step) const {
    const std::span<const std::int32_t> context =
        std::span(data_.valid).first(std::min(kSampleContext, data_.valid.size()));
    const GenerateOptions options{.prompt = data_.vocabulary.decode(context),
                                  .length = hooks_.sample_length,
                                  .sampling = {.temperature = kSampleTemperature},
                                  .seed = seed_};
    const AveragedWeights averaged = trainee_.averaged();
    LanguageTextModel model(trainee_.model());
    hooks_.sample(step, generate(model, data_.vocabulary, options).front().text);
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
  Samples samples(hooks, trainee, data, settings);
  LoopHooks loop_hooks = hooks;
  if (hooks.sample_length > 0) {
    if (!run.resumes()) samples.show(0);
    loop_hooks.report = [&](const Progress& progress) {
      hooks.report(progress);
      samples.look(progress.step);
    };
  }
  const LoopSchedule schedule{.steps = settings.length.steps,
                              .validate_every = settings.length.validate_every,
                              .log_every = std::max<Index>(1, settings.length.validate_every / kLogLinesPerValidation),
                              .patience = settings.length.patience,
                              .retries = settings.recovery.retries};
  const TrainingResult result = run_training(trainee, run, schedule, loop_hooks);
  return {.result = result,
          .epochs = trainee.epochs(result.counters.step),
          .parameters = trainee.model().parameter_count(),
          .vocabulary = data.vocabulary.size()};
}

}  // namespace unfold
