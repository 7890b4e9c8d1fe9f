// A language model in training: model, optimiser, and the stream of text with the state carried along it.
#pragma once

#include <memory>

#include "tasks/language_model/data.h"
#include "unfold/clipping.h"
#include "unfold/language_model.h"
#include "unfold/optimizer.h"
#include "unfold/schedule.h"

namespace unfold {

class LanguageModelTrainee final : public Trainee {
 public:
  /// `settings` are complete but for the number of steps, which may be unknown to a trial. `data` outlives the trainee.
  LanguageModelTrainee(const LanguageModelSettings& settings, const LanguageModelData& data);

  StepReport train(Index step) override;
  double validate() override;
  double epochs(Index steps) const override;
  void save_model(const std::filesystem::path& file) override;
  void save(const std::filesystem::path& file, const TrainingCounters& counters) override;
  TrainingCounters restore(const std::filesystem::path& file) override;

  LanguageModel& model() { return model_; }

 private:
  const LanguageModelData& data_;
  LanguageModel model_;
  std::unique_ptr<Optimizer> optimizer_;
  Schedule schedule_;
  Index steps_;
  double clip_norm_;
  StreamBatches batches_;
  EvaluationBatches valid_;
  State state_;  // of the streams, after the last step
  Tape tape_;
};

}  // namespace unfold
