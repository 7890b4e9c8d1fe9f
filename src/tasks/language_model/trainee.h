// A language model in training: model, optimiser, and the stream of text with the state carried along it.
#pragma once

#include <memory>

#include "tasks/language_model/data.h"
#include "tasks/training/optimization.h"
#include "train/trainee.h"
#include "unfold/language_model.h"

namespace unfold {

class LanguageModelTrainee final : public Trainee {
 public:
  /// `settings` are complete but for the number of steps, which may be unknown to a trial. `data` outlives the trainee.
  LanguageModelTrainee(const LanguageModelSettings& settings, const LanguageModelData& data);

  StepReport train(Index step) override;
  Validation validate() override;
  void heed(const TrainingCounters& counters) override;
  double uninformed_nats() const override;
  double epochs(Index steps) const override;
  void save_model(const std::filesystem::path& file) override;
  void save(const std::filesystem::path& file, const TrainingCounters& counters) override;
  TrainingCounters restore(const std::filesystem::path& file) override;

  LanguageModel& model() { return model_; }
  /// See Optimization.
  AveragedWeights averaged() { return optimization_.averaged(); }

 private:
  const LanguageModelData& data_;
  LanguageModel model_;
  std::unique_ptr<TrainingBatches> batches_;
  Optimization optimization_;
  const Index usual_rows_;  // of a window, where the learning rate follows its length; otherwise 0
  EvaluationBatches valid_;
  State state_;  // of the streams, after the last step
  Tape tape_;
};

}  // namespace unfold
