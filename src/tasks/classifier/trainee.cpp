#include "tasks/classifier/trainee.h"

#include <algorithm>
#include <cmath>

#include "models/labelling/classifier_file.h"
#include "tasks/option_text.h"
#include "tasks/training/checkpoint.h"

namespace unfold {
namespace {

RecurrentClassifierOptions options_of(const ClassifierSettings& settings, const EncodedPart& train) {
  RecurrentClassifierOptions options;
  describe_network(settings.network, settings.regularisation, options);
  options.bidirectional = settings.network.bidirectional;
  options.embed = settings.network.embed;
  options.window = settings.network.window;
  options.pooling = parse_pooling(settings.network.pooling);
  options.seed = static_cast<std::uint64_t>(settings.data.seed);
  // A usual batch: sequences of mean length.
  options.steps = std::max<Index>(1, train.steps() / static_cast<Index>(train.sequences.size()));
  options.batch = std::max<Index>(1, settings.symbols.batch / options.steps);
  options.precision = parse_precision(settings.execution.precision);
  return options;
}

}  // namespace

ClassificationMetrics measure(RecurrentClassifier& model, const ClassifierData& data) {
  std::vector<const EncodedSequence*> sequences;
  for (const EncodedSequence& sequence : data.valid.sequences) sequences.push_back(&sequence);
  const std::vector<double> rows = model.probabilities(sequences);
  const auto K = static_cast<std::size_t>(data.labels.size());
  ClassificationMetrics metrics(data.valid_labels.size());
  for (std::size_t i = 0; i < sequences.size(); ++i) {
    metrics.add(data.valid.labels[i], std::span(rows).subspan(i * K, K));
  }
  return metrics;
}

ClassifierTrainee::ClassifierTrainee(const ClassifierSettings& settings, const ClassifierData& data)
    : data_(data),
      reading_{settings.data.reading.over({})},
      model_(options_of(settings, data.train), data.input, data.labels),
      batches_(data.train.lengths(), settings.symbols.batch, static_cast<std::uint64_t>(settings.data.seed)),
      epoch_batches_(batches_.batches(0)),
      optimization_(settings.optimizer, settings.recovery, model_.parameters(), settings.length.steps, epoch_batches_) {
}

StepReport ClassifierTrainee::train(Index step) {
  RecurrentClassifier::Batch batch;
  for (const Index number : batches_.next()) {
    const auto i = static_cast<std::size_t>(number);
    batch.sequences.push_back(&data_.train.sequences[i]);
    batch.labels.push_back(data_.train.labels[i]);
    batch.numbers.push_back(i);
  }
  tape_.clear();
  const RecurrentClassifier::Loss loss =
      model_.loss(tape_, batch, data_.class_weights, static_cast<std::uint64_t>(step));
  tape_.backward(loss.objective);
  return optimization_.step(step, loss.nats, static_cast<Index>(batch.labels.size()));
}

Validation ClassifierTrainee::validate() {
  const AveragedWeights averaged = optimization_.averaged();
  const ClassificationMetrics metrics = measure(model_, data_);
  return {metrics.log_loss(), metrics.confusion.accuracy()};
}

double ClassifierTrainee::uninformed_nats() const { return std::log(static_cast<double>(data_.labels.size())); }

double ClassifierTrainee::epochs(Index steps) const {
  return static_cast<double>(steps) / static_cast<double>(epoch_batches_);
}

// The checkpoint: everything the next step depends on.

TensorFile ClassifierTrainee::identity() const {
  TensorFile file = begin_checkpoint(ClassifierSettings::kTask, data_.checksum);
  store_make(model_, file);
  return file;
}

void ClassifierTrainee::save_model(const std::filesystem::path& file) {
  const AveragedWeights averaged = optimization_.averaged();
  save_labelling_model(file, model_, reading_);
}

void ClassifierTrainee::save(const std::filesystem::path& path, const TrainingCounters& counters) {
  save_run(path, identity(), {counters, batches_.position()}, model_.parameters(), optimization_);
}

TrainingCounters ClassifierTrainee::restore(const std::filesystem::path& path) {
  return restore_run(path, identity(), data_.source, model_.parameters(), optimization_, batches_);
}

}  // namespace unfold
