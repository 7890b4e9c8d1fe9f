// A language model in training: model, optimiser, and the stream of text with the state carried along it.
#pragma once

#include <memory>

#include "tasks/language_model/data.h"
#include "train/trainee.h"
#include "unfold/clipping.h"
#include "unfold/language_model.h"
#include "unfold/optimizer.h"
#include "unfold/schedule.h"
#include "unfold/weight_average.h"

namespace unfold {

class LanguageModelTrainee final : public Trainee {
 public:
  /// `settings` are complete but for the number of steps, which may be unknown to a trial. `data` outlives the trainee.
  LanguageModelTrainee(const LanguageModelSettings& settings, const LanguageModelData& data);

  StepReport train(Index step) override;
  double validate() override;
  void heed(const TrainingCounters& counters) override;
  double uninformed_nats() const override;
  double epochs(Index steps) const override;
  void save_model(const std::filesystem::path& file) override;
  void save(const std::filesystem::path& file, const TrainingCounters& counters) override;
  TrainingCounters restore(const std::filesystem::path& file) override;

  LanguageModel& model() { return model_; }
  /// While it lives the model has the weights that are validated and saved.
  AveragedWeights averaged() { return AveragedWeights(average_.get()); }

 private:
  const LanguageModelData& data_;
  LanguageModel model_;
  std::unique_ptr<Optimizer> optimizer_;
  std::unique_ptr<WeightAverage> average_;  // null if there is none
  std::unique_ptr<TrainingBatches> batches_;
  Schedule schedule_;
  Clipping clipping_;
  const OptimizerSettings settings_;
  const bool clip_search_;
  const Index steps_;
  std::vector<double> validations_;
  const Index usual_rows_;  // of a window, where the learning rate follows its length; otherwise 0
  EvaluationBatches valid_;
  State state_;  // of the streams, after the last step
  Tape tape_;
};

}  // namespace unfold
