// A tagger in training: model, optimiser, and the place in the batches.
#pragma once

#include "tasks/labelling/data.h"
#include "tasks/tagging/settings.h"
#include "tasks/training/optimization.h"
#include "train/trainee.h"
#include "unfold/recurrent_tagger.h"

namespace unfold {

class TaggerTrainee final : public Trainee {
 public:
  /// `settings` are complete but for the number of steps, which may be unknown to a trial. `data` outlives the trainee.
  /// Throws InputError where no step of the training part has a label.
  TaggerTrainee(const TaggerSettings& settings, const LabelledData& data);

  StepReport train(Index step) override;
  Validation validate() override;
  void heed(const TrainingCounters& counters) override { optimization_.heed(counters); }
  double uninformed_nats() const override;
  double epochs(Index steps) const override { return batches_.epochs(steps); }
  void save_model(const std::filesystem::path& file) override;
  void save(const std::filesystem::path& file, const TrainingCounters& counters) override;
  TrainingCounters restore(const std::filesystem::path& file) override;

  const RecurrentTagger& model() const { return model_; }
  const SequenceBatches& batches() const { return batches_; }

 private:
  TensorFile identity() const;

  const LabelledData& data_;
  const ReadingDefaults reading_;
  const std::uint64_t checksum_;  // of the data
  RecurrentTagger model_;
  TaggerSequences train_;
  std::vector<Index> labelled_;  // numbers of the training sequences that have a label
  RareWordDropout rare_words_;
  SequenceBatches batches_;  // of numbers into labelled_
  Optimization optimization_;
  Tape tape_;
};

}  // namespace unfold
