// Training of the task `classify`: completes the settings, begins the run, hands model and data to the loop.
#include "models/labelling/classifier_file.h"
#include "tasks/classifier/classifier.h"
#include "tasks/classifier/trainee.h"
#include "tasks/training/begin_training.h"
#include "tasks/training/length.h"

namespace unfold {
namespace {

constexpr Index kUsualEpochs = 20;

void complete_length(ClassifierSettings& settings, const ClassifierData& data) {
  const SequenceBatches batches(data.train.lengths(), settings.symbols.batch,
                                static_cast<std::uint64_t>(settings.data.seed));
  const Work work = work_of(batches, data.valid.steps(), [&](double seconds) {
    ClassifierSettings measured = settings;
    measured.optimizer.schedule = "constant";  // the others need to know the number of steps
    ClassifierTrainee trial(measured, data);
    return fit_time_budget(trial, seconds);
  });
  complete(settings.length, kUsualEpochs, work);
}

/// Of the best model, as it was saved.
ClassificationMetrics measure_saved(const RunDirectory& run, const ClassifierData& data) {
  TensorFile file = read_tensor_file(run.model());
  RecurrentClassifier model = read_classifier(file);
  return measure(model, data);
}

}  // namespace

void complete(ClassifierSettings& settings) {
  settings.network.layers = static_cast<Index>(settings.network.layer_sizes().size());
  complete(settings.optimizer, settings.recovery);
}

ClassifierRun train_classifier(ClassifierSettings settings, const RunDirectory& run, const LoopHooks& hooks) {
  check(settings.length);
  check(settings.optimizer, settings.recovery);
  complete(settings);
  const std::optional<std::string> remark = complete(settings.execution);
  if (remark) hooks.remark(*remark);
  const ClassifierData data = read_classifier_data(settings);
  for (const std::string& text : data.remarks) hooks.remark(text);
  complete_length(settings, data);
  ClassifierTrainee trainee(settings, data);
  const TrainingResult result = begin_training(trainee, settings, run, hooks);
  return {.result = result,
          .epochs = trainee.epochs(result.counters.step),
          .parameters = trainee.model().parameter_count(),
          .sequences = static_cast<Index>(data.train.sequences.size()),
          .valid = measure_saved(run, data)};
}

}  // namespace unfold
