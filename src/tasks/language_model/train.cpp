// Training of the task `lm`: completes the settings, begins the run, hands model and data to the loop.
#include <fmt/core.h>
#include <fmt/ranges.h>

#include "base/file.h"
#include "tasks/language_model/complete.h"
#include "tasks/language_model/language_model.h"
#include "tasks/language_model/samples.h"
#include "tasks/language_model/trainee.h"
#include "tasks/training/length.h"
#include "tasks/training/run_settings.h"

namespace unfold {
namespace {

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
  const std::optional<std::string> remark = complete(settings.execution);
  if (remark) hooks.remark(*remark);
  TextFolder folder(run);
  const LanguageModelData data = read_data(settings, folder);
  complete_length(settings, data);
  LanguageModelTrainee trainee(settings, data);

  remark_on(trainee.model(), hooks.remark);

  run.begin();
  folder.keep();
  if (!run.resumes()) write_atomically(run.config(), config_of(settings));
  const Samples samples(trainee, data, settings, run, hooks);
  LoopHooks loop_hooks = hooks;
  loop_hooks.report = [&](const Progress& progress) {
    hooks.report(progress);
    samples.look(progress.step);
  };
  if (!run.resumes()) samples.look(0);
  const LoopSchedule schedule = loop_schedule(settings.length, settings.recovery);
  const TrainingResult result = run_training(trainee, run, schedule, loop_hooks);
  return {.result = result,
          .epochs = trainee.epochs(result.counters.step),
          .parameters = trainee.model().parameter_count(),
          .vocabulary = data.vocabulary.size()};
}

}  // namespace unfold
