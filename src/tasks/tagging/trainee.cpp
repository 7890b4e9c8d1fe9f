#include "tasks/tagging/trainee.h"

#include <cmath>

#include "models/labelling/tagger_file.h"
#include "tasks/labelling/evaluate.h"
#include "tasks/option_text.h"
#include "tasks/training/checkpoint.h"
#include "unfold/error.h"

namespace unfold {
namespace {

// Words of an average sentence: for the plan alone.
constexpr Index kSteps = 16;

std::vector<const Sequence*> pointers(const SequenceData& data) {
  std::vector<const Sequence*> list;
  for (const Sequence& sequence : data.sequences) list.push_back(&sequence);
  return list;
}

TaggerInput input_of(const TaggerSettings& settings, const SequenceData& train) {
  if (train.kind == SequenceKind::kVectors) return Standardisation::of(train);
  std::vector<Sentence> sentences;
  for (const Sequence& sequence : train.sequences) sentences.push_back(words_of(sequence, train.kind));
  return WordUnits::of(sentences, settings.words.min_count);
}

RecurrentTaggerOptions model_options(const TaggerSettings& settings) {
  RecurrentTaggerOptions options;
  describe_network(settings.network, settings.regularisation, options);
  options.words = {.embed = settings.words.embed,
                   .character_embed = settings.words.character_embed,
                   .character_hidden = settings.words.character_hidden};
  options.window = settings.network.window;
  options.random_field = settings.network.crf;
  options.seed = static_cast<std::uint64_t>(settings.data.seed);
  options.batch = std::max<Index>(1, settings.batch / kSteps);
  options.steps = kSteps;
  options.precision = parse_precision(settings.execution.precision);
  return options;
}

/// The numbers of the sequences of which some step has a label.
std::vector<Index> labelled_of(const TaggerSequences& sequences) {
  std::vector<Index> numbers;
  for (Index i = 0; i < static_cast<Index>(sequences.lengths().size()); ++i) {
    if (sequences.labelled(i) > 0) numbers.push_back(i);
  }
  if (numbers.empty()) throw InputError("no step of the training sequences has a label to learn from");
  return numbers;
}

std::vector<Index> lengths_of(const TaggerSequences& sequences, const std::vector<Index>& numbers) {
  std::vector<Index> lengths;
  for (const Index number : numbers) lengths.push_back(sequences.lengths()[static_cast<std::size_t>(number)]);
  return lengths;
}

RareWordDropout rare_words(const TaggerSettings& settings, const TaggerInput& input, const TaggerSequences& train) {
  const auto* units = std::get_if<WordUnits>(&input);
  return units == nullptr ? RareWordDropout()
                          : RareWordDropout(settings.words.unknown_words, *units, train.sentences());
}

}  // namespace

TaggerTrainee::TaggerTrainee(const TaggerSettings& settings, const LabelledData& data)
    : data_(data),
      reading_{settings.data.reading.over({})},
      checksum_(content_checksum(data.train)),
      model_(model_options(settings), input_of(settings, data.train), step_labels_of_training(data)),
      train_(model_.input(), pointers(data.train), data.train.kind),
      labelled_(labelled_of(train_)),
      rare_words_(rare_words(settings, model_.input(), train_)),
      batches_(lengths_of(train_, labelled_), settings.batch, static_cast<std::uint64_t>(settings.data.seed)),
      optimization_(settings.optimizer, settings.recovery, model_.parameters(), settings.length.steps,
                    batches_.batches(0)) {}

StepReport TaggerTrainee::train(Index step) {
  std::vector<Index> numbers = batches_.next();
  Index tokens = 0;
  for (Index& number : numbers) {
    number = labelled_[static_cast<std::size_t>(number)];
    tokens += train_.labelled(number);
  }
  TaggerBatch batch = train_.batch(numbers);
  const auto training_step = static_cast<std::uint64_t>(step);
  if (auto* words = std::get_if<WordBatch>(&batch.input)) rare_words_.apply(*words, model_.keys(batch, training_step));
  tape_.clear();
  const RecurrentTagger::Loss loss = model_.loss(tape_, batch, training_step);
  tape_.backward(loss.objective);
  return optimization_.step(step, loss.nats, tokens);
}

Validation TaggerTrainee::validate() {
  const AveragedWeights averaged_weights = optimization_.averaged();
  const TaggingMetrics metrics = evaluate_tagger(model_, data_.valid);
  return {.nats = metrics.log_loss(), .accuracy = metrics.confusion.accuracy()};
}

double TaggerTrainee::uninformed_nats() const { return std::log(static_cast<double>(model_.labels().size())); }

void TaggerTrainee::save_model(const std::filesystem::path& file) {
  const AveragedWeights averaged_weights = optimization_.averaged();
  save_labelling_model(file, model_, reading_);
}

/// What must be the same for a checkpoint to be continued: the model's make, the cell's text, the data.
TensorFile TaggerTrainee::identity() const {
  TensorFile file = begin_checkpoint(TaggerSettings::kTask, checksum_);
  store_configuration(model_.options(), file);
  return file;
}

void TaggerTrainee::save(const std::filesystem::path& path, const TrainingCounters& counters) {
  save_run(path, identity(), {counters, batches_.position()}, model_.parameters(), optimization_);
}

TrainingCounters TaggerTrainee::restore(const std::filesystem::path& path) {
  return restore_run(path, identity(), "--data", model_.parameters(), optimization_, batches_);
}

}  // namespace unfold
