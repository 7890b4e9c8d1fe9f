// A model of vectors in training: network, optimisation, and batches of whole sequences.
#pragma once

#include "tasks/sequence/data.h"
#include "tasks/training/optimization.h"
#include "train/trainee.h"
#include "unfold/sequence_batches.h"

namespace unfold {

class SequenceTrainee final : public Trainee {
 public:
  /// `settings` are complete but for the number of steps, which may be unknown to a trial. `data` outlives the trainee.
  SequenceTrainee(const SequenceSettings& settings, const VectorData& data);

  StepReport train(Index step) override;
  /// Of numbers the loss is no nats, but the mean squared error of standardised numbers.
  Validation validate() override;
  void heed(const TrainingCounters& counters) override { optimization_.heed(counters); }
  bool in_nats() const override { return data_.coding.target != VectorTarget::kSquared; }
  double uninformed_nats() const override;
  double epochs(Index steps) const override { return batches_.epochs(steps); }
  void save_model(const std::filesystem::path& file) override;
  void save(const std::filesystem::path& file, const TrainingCounters& counters) override;
  TrainingCounters restore(const std::filesystem::path& file) override;

  const SequenceModel& model() const { return model_; }
  const SequenceBatches& batches() const { return batches_; }

 private:
  TensorFile identity() const;
  std::vector<Index> draw_shifts(const std::vector<Index>& sequences, Index epoch) const;

  const VectorData& data_;
  const ReadingDefaults reading_;
  const std::uint64_t seed_;
  const Index transpose_;
  SequenceModel model_;
  SequenceBatches batches_;
  Optimization optimization_;
  Tape tape_;
};

}  // namespace unfold
