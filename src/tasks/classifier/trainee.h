// A classifier in training: network, optimisation, and batches of whole sequences.
#pragma once

#include "tasks/classifier/data.h"
#include "tasks/metrics/labelling_metrics.h"
#include "tasks/training/optimization.h"
#include "train/trainee.h"
#include "unfold/sequence_batches.h"

namespace unfold {

/// On the validation part.
ClassificationMetrics measure(RecurrentClassifier& model, const ClassifierData& data);

class ClassifierTrainee final : public Trainee {
 public:
  /// `settings` are complete but for the number of steps, which may be unknown to a trial. `data` outlives the trainee.
  ClassifierTrainee(const ClassifierSettings& settings, const ClassifierData& data);

  StepReport train(Index step) override;
  Validation validate() override;
  void heed(const TrainingCounters& counters) override { optimization_.heed(counters); }
  double uninformed_nats() const override;
  /// In epochs of as many batches as the first.
  double epochs(Index steps) const override;
  void save_model(const std::filesystem::path& file) override;
  void save(const std::filesystem::path& file, const TrainingCounters& counters) override;
  TrainingCounters restore(const std::filesystem::path& file) override;

  const RecurrentClassifier& model() const { return model_; }
  const SequenceBatches& batches() const { return batches_; }

 private:
  TensorFile identity() const;

  const ClassifierData& data_;
  const ReadingDefaults reading_;
  RecurrentClassifier model_;
  SequenceBatches batches_;
  const Index epoch_batches_;
  Optimization optimization_;
  Tape tape_;
};

}  // namespace unfold
