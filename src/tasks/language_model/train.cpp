// Training of the task `lm`: completes the settings, begins the run, hands model and data to the loop.
#include <fmt/core.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "base/file.h"
#include "tasks/language_model/complete.h"
#include "tasks/language_model/language_model.h"
#include "tasks/language_model/samples.h"
#include "tasks/language_model/trainee.h"

namespace unfold {
namespace {

constexpr Index kLogLinesPerValidation = 10;

void remark_on(const LanguageModel& model, const std::function<void(const std::string&)>& remark) {
  const std::vector<Index> without = model.layers_without_residual();
  if (without.empty()) return;
  remark(fmt::format("No residual connection around layer{} {}: what it reads and what it writes differ in size.",
                     without.size() == 1 ? "" : "s", fmt::join(without, ", ")));
}

}  // namespace

LanguageModelRun train_language_model(LanguageModelSettings settings, const RunDirectory& run,
                                      const LanguageModelHooks& hooks) {
  check(settings);
  complete(settings);
  if (settings.precision == "bf16" && !multiplies_bfloat16()) {
    settings.precision = "f32";
    if (hooks.remark) hooks.remark("This machine has no instructions for bfloat16: training multiplies in float32.");
  }
  TextFolder folder(run);
  const LanguageModelData data = read_data(settings, folder);
  complete_length(settings, data);
  LanguageModelTrainee trainee(settings, data);

  if (hooks.remark) remark_on(trainee.model(), hooks.remark);

  run.begin();
  folder.keep();
  if (!run.resumes()) write_atomically(run.config(), settings.config());
  const Samples samples(trainee, data, settings, run, hooks);
  LoopHooks loop_hooks = hooks;
  loop_hooks.report = [&](const Progress& progress) {
    hooks.report(progress);
    samples.look(progress.step);
  };
  if (!run.resumes()) samples.look(0);
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
