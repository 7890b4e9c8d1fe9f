#include "tasks/classifier/data.h"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <numeric>

#include "base/random.h"
#include "unfold/error.h"

namespace unfold {
namespace {

constexpr Index kRareWord = 2;
constexpr Index kWordEmbedding = 100;

/// The labels that occur in the training part.
Labels labels_of(const SequenceData& data) {
  std::int32_t largest = Labels::kNone;
  for (const Sequence& sequence : data.sequences) largest = std::max(largest, sequence.label);
  return Labels(data.labels.names().first(static_cast<std::size_t>(largest + 1)));
}

ClassifierInput input_of(const SequenceData& data, ClassifierSettings& settings) {
  if (data.kind == SequenceKind::kVectors) {
    if (settings.network.embed == kAutomatic) settings.network.embed = 0;
    return Standardisation::of(data);
  }
  SymbolSettings& symbols = settings.symbols;
  const Level level = symbols.level == "automatic" ? usual_level(data) : parse_level(symbols.level);
  symbols.level = level_name(level);
  if (symbols.min_count == kAutomatic) symbols.min_count = level == Level::kWord ? kRareWord : 1;
  if (settings.network.embed == kAutomatic) settings.network.embed = level == Level::kWord ? kWordEmbedding : 0;
  return vocabulary_of(data, level, symbols.vocabulary, symbols.min_count);
}

EncodedPart encode_all(const SequenceData& part, const ClassifierInput& input) {
  EncodedPart encoded;
  for (const Sequence& sequence : part.sequences) {
    encoded.sequences.push_back(encode(sequence, part.kind, input));
    encoded.labels.push_back(sequence.label);
  }
  return encoded;
}

std::uint64_t checksum_of(const EncodedPart& part) {
  std::uint64_t sum = part.sequences.size();
  for (std::size_t i = 0; i < part.sequences.size(); ++i) {
    const EncodedSequence& sequence = part.sequences[i];
    sum = combine(sum, combine(static_cast<std::uint64_t>(sequence.steps), static_cast<std::uint64_t>(part.labels[i])));
    for (const std::int32_t symbol : sequence.symbols) sum = combine(sum, static_cast<std::uint64_t>(symbol));
    for (const float value : sequence.values.values()) sum = combine(sum, std::bit_cast<std::uint32_t>(value));
  }
  return sum;
}

}  // namespace

std::vector<Index> EncodedPart::lengths() const {
  std::vector<Index> lengths;
  for (const EncodedSequence& sequence : sequences) lengths.push_back(sequence.steps);
  return lengths;
}

Index EncodedPart::steps() const {
  const std::vector<Index> all = lengths();
  return std::accumulate(all.begin(), all.end(), Index{0});
}

ClassifierData encode_data(LabelledData read, ClassifierSettings& settings) {
  ClassifierData data;
  data.input = input_of(read.train, settings);
  data.train = encode_all(read.train, data.input);
  data.valid = encode_all(read.valid, data.input);
  data.labels = labels_of(read.train);
  data.valid_labels = read.valid.labels;
  if (settings.class_weights) {
    data.class_weights = class_weights(read.train);
    data.class_weights.resize(static_cast<std::size_t>(data.labels.size()));
  }
  data.checksum = checksum_of(data.train);
  data.source = fmt::format("{}", fmt::join(settings.data.data, " "));
  data.remarks = std::move(read.remarks);
  if (settings.symbols.batch == kAutomatic) {
    settings.symbols.batch = usual_batch(data.train.steps(), static_cast<Index>(data.train.sequences.size()));
  }
  return data;
}

ClassifierData read_classifier_data(ClassifierSettings& settings) {
  return encode_data(read_labelled_data(settings.data, {.labelled = true}), settings);
}

}  // namespace unfold
