#include "tasks/sequence/trainee.h"

#include <algorithm>

#include "base/random.h"
#include "layers/vectors/vector_output.h"
#include "models/sequences/sequence_file.h"
#include "tasks/option_text.h"
#include "tasks/sequence/evaluate.h"
#include "tasks/training/checkpoint.h"

namespace unfold {
namespace {

constexpr std::uint64_t kShiftKey = 0x7ea5;

SequenceModelOptions options_of(const SequenceSettings& settings, const VectorData& data) {
  SequenceModelOptions options;
  describe_network(settings.network, settings.regularisation, options);
  options.bidirectional = settings.network.bidirectional;
  options.seed = static_cast<std::uint64_t>(settings.data.seed);
  // A usual batch: sequences of mean length.
  options.steps = std::max<Index>(1, data.predictions(data.train) / static_cast<Index>(data.train.sequences.size()));
  options.batch = std::max<Index>(1, settings.prediction.batch / options.steps);
  options.precision = parse_precision(settings.execution.precision);
  return options;
}

}  // namespace

SequenceTrainee::SequenceTrainee(const SequenceSettings& settings, const VectorData& data)
    : data_(data),
      reading_{settings.data.reading.over({})},
      seed_(static_cast<std::uint64_t>(settings.data.seed)),
      transpose_(settings.prediction.transpose),
      model_(options_of(settings, data), data.coding),
      batches_(data.training_lengths(), settings.prediction.batch, seed_),
      optimization_(settings.optimizer, settings.recovery, model_.parameters(), settings.length.steps,
                    batches_.batches(0)) {}

/// By how many columns each sequence is moved in an epoch.
std::vector<Index> SequenceTrainee::draw_shifts(const std::vector<Index>& sequences, Index epoch) const {
  std::vector<Index> shifts;
  if (transpose_ == 0) return shifts;
  const std::uint64_t key = combine(combine(seed_, kShiftKey), static_cast<std::uint64_t>(epoch));
  for (const Index sequence : sequences) {
    Random random(combine(key, static_cast<std::uint64_t>(sequence)));
    shifts.push_back(static_cast<Index>(random.below(static_cast<std::uint64_t>(2 * transpose_ + 1))) - transpose_);
  }
  return shifts;
}

StepReport SequenceTrainee::train(Index step) {
  const Index epoch = batches_.position().epoch;
  const std::vector<Index> sequences = batches_.next();
  const VectorStepBatch batch = batch_of_steps(data_.train, data_.coding, sequences, draw_shifts(sequences, epoch));
  tape_.clear();
  const SequenceModel::Loss loss = model_.loss(tape_, batch, static_cast<std::uint64_t>(step));
  tape_.backward(loss.objective);
  return optimization_.step(step, loss.cost, batch.unrolling.rows());
}

Validation SequenceTrainee::validate() {
  const AveragedWeights averaged = optimization_.averaged();
  return {.nats = evaluate_vectors(model_, nullptr, data_.valid).cost};
}

double SequenceTrainee::uninformed_nats() const { return model_.output().uninformed(); }

void SequenceTrainee::save_model(const std::filesystem::path& file) {
  const AveragedWeights averaged = optimization_.averaged();
  SequenceStatistics statistics = data_.statistics;
  statistics.noise = measure_noise(model_, data_.train);
  save_sequence_model(file, model_, statistics, reading_, data_.train.format);
}

// The checkpoint: everything the next step depends on.

TensorFile SequenceTrainee::identity() const {
  TensorFile file = begin_checkpoint(SequenceSettings::kTask, data_.checksum);
  store_make(model_, file);
  return file;
}

void SequenceTrainee::save(const std::filesystem::path& path, const TrainingCounters& counters) {
  save_run(path, identity(), {counters, batches_.position()}, model_.parameters(), optimization_);
}

TrainingCounters SequenceTrainee::restore(const std::filesystem::path& path) {
  return restore_run(path, identity(), "--data", model_.parameters(), optimization_, batches_);
}

}  // namespace unfold
