#include "tasks/tagging/tagging.h"

#include <fmt/core.h>

#include "tasks/option_text.h"
#include "tasks/tagging/trainee.h"
#include "tasks/training/begin_training.h"
#include "tasks/training/length.h"
#include "unfold/error.h"

namespace unfold {
namespace {

constexpr Index kUsualEpochs = 10;
constexpr const char* kUsualDropout = "0.5";  // between layers

void check(const TaggerSettings& settings) {
  settings.network.layer_sizes();
  parse_precision(settings.execution.precision);
  check(settings.length);
  check(settings.optimizer, settings.recovery);
}

Index steps_of(const SequenceData& data) {
  Index steps = 0;
  for (const Sequence& sequence : data.sequences) steps += static_cast<Index>(sequence.step_labels.size());
  return steps;
}

void complete_length(TaggerSettings& settings, const LabelledData& data) {
  TaggerSettings measured = settings;
  measured.optimizer.schedule = "constant";  // the others need to know the number of steps
  TaggerTrainee trial(measured, data);
  const Work work =
      work_of(trial.batches(), steps_of(data.valid), [&](double seconds) { return fit_time_budget(trial, seconds); });
  complete(settings.length, kUsualEpochs, work);
}

}  // namespace

void complete(TaggerSettings& settings) {
  const auto layers = static_cast<Index>(settings.network.layer_sizes().size());
  settings.network.layers = layers;
  std::string& dropout = settings.regularisation.dropout;
  if (dropout == "automatic") dropout = layers > 1 ? kUsualDropout : "0";
  complete(settings.optimizer, settings.recovery);
}

TaggerRun train_tagger(TaggerSettings settings, const RunDirectory& run, const LoopHooks& hooks) {
  check(settings);
  complete(settings);
  if (const std::optional<std::string> remark = complete(settings.execution)) hooks.remark(*remark);
  const LabelledData data = read_labelled_data(settings.data);
  if (!run.resumes()) {
    for (const std::string& remark : data.remarks) hooks.remark(remark);
  }
  complete_length(settings, data);
  TaggerTrainee trainee(settings, data);
  const TrainingResult result = begin_training(trainee, settings, run, hooks);
  return {.result = result,
          .epochs = trainee.epochs(result.counters.step),
          .parameters = trainee.model().parameter_count(),
          .sequences = static_cast<Index>(data.train.sequences.size()),
          .labels = trainee.model().labels().size()};
}

}  // namespace unfold
