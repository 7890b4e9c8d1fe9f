// Training of the task `sequence`: completes the settings, begins the run, hands model and data to the loop.
#include "tasks/sequence/sequence.h"
#include "tasks/sequence/trainee.h"
#include "tasks/training/begin_training.h"
#include "tasks/training/length.h"

namespace unfold {
namespace {

constexpr Index kUsualEpochs = 50;

void complete_length(SequenceSettings& settings, const VectorData& data) {
  SequenceSettings measured = settings;
  measured.optimizer.schedule = "constant";  // the others need to know the number of steps
  SequenceTrainee trial(measured, data);
  const Work work = work_of(trial.batches(), data.predictions(data.valid),
                            [&](double seconds) { return fit_time_budget(trial, seconds); });
  complete(settings.length, kUsualEpochs, work);
}

/// Of the best model, as it was saved; nothing where training ended before there was one.
VectorEvaluation measure_saved(const RunDirectory& run, const VectorData& data) {
  if (!std::filesystem::exists(run.model())) return {};
  LoadedSequenceModel saved = load_sequence_model(run.model());
  return evaluate_vectors(saved.model, saved.statistics.chains ? &*saved.statistics.chains : nullptr, data.valid);
}

}  // namespace

SequenceRun train_sequence(SequenceSettings settings, const RunDirectory& run, const LoopHooks& hooks) {
  settings.network.layers = static_cast<Index>(settings.network.layer_sizes().size());
  check(settings.length);
  check(settings.optimizer, settings.recovery);
  complete(settings.optimizer, settings.recovery);
  if (const std::optional<std::string> remark = complete(settings.execution)) hooks.remark(*remark);
  const VectorData data = read_vector_data(settings);
  if (!run.resumes()) {
    for (const std::string& remark : data.remarks) hooks.remark(remark);
  }
  complete_length(settings, data);
  SequenceTrainee trainee(settings, data);
  const TrainingResult result = begin_training(trainee, settings, run, hooks);
  return {.result = result,
          .epochs = trainee.epochs(result.counters.step),
          .parameters = trainee.model().parameter_count(),
          .sequences = static_cast<Index>(data.train.sequences.size()),
          .valid = measure_saved(run, data)};
}

}  // namespace unfold
