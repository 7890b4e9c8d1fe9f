// What a tagger reads of sequences, and batches of it.
#include <fmt/core.h>

#include <algorithm>

#include "unfold/error.h"
#include "unfold/recurrent_tagger.h"

namespace unfold {
namespace {

/// The values of a sequence [T, I], standardised.
Tensor standardised(const Standardisation& standardisation, const Sequence& sequence, SequenceKind kind) {
  const auto width = static_cast<Index>(standardisation.mean.size());
  if (kind != SequenceKind::kVectors) {
    throw InputError(fmt::format("line {}: the model was made for vectors, the sequence holds words", sequence.line));
  }
  if (sequence.values.shape()[1] != width) {
    throw InputError(fmt::format("line {}: the model was made for {} numbers at each step, the sequence has {}",
                                 sequence.line, width, sequence.values.shape()[1]));
  }
  Tensor values(sequence.values);
  standardisation.apply(values);
  return values;
}

}  // namespace

const Unrolling& TaggerBatch::unrolling() const {
  return std::visit([](const auto& batch) -> const Unrolling& { return batch.unrolling; }, input);
}

TaggerSequences::TaggerSequences(const TaggerInput& input, std::span<const Sequence* const> sequences,
                                 SequenceKind kind)
    : input_(&input) {
  vectors_.kind = SequenceKind::kVectors;
  for (const Sequence* sequence : sequences) {
    if (const auto* standardisation = std::get_if<Standardisation>(&input)) {
      Sequence& own = vectors_.sequences.emplace_back();
      own.values = standardised(*standardisation, *sequence, kind);
      lengths_.push_back(own.values.shape()[0]);
    } else {
      sentences_.push_back(words_of(*sequence, kind));
      lengths_.push_back(static_cast<Index>(sentences_.back().size()));
    }
    labels_.push_back(sequence->step_labels);
    labels_.back().resize(static_cast<std::size_t>(lengths_.back()), Labels::kNone);
  }
}

Index TaggerSequences::labelled(Index sequence) const {
  const std::vector<std::int32_t>& labels = labels_[static_cast<std::size_t>(sequence)];
  return static_cast<Index>(labels.size()) - std::count(labels.begin(), labels.end(), Labels::kNone);
}

TaggerBatch TaggerSequences::batch(std::span<const Index> sequences) const {
  TaggerBatch batch;
  if (const auto* units = std::get_if<WordUnits>(input_)) {
    std::vector<const Sentence*> sentences;
    for (const Index number : sequences) sentences.push_back(&sentences_[static_cast<std::size_t>(number)]);
    batch.input = batch_of_words(*units, sentences);
  } else {
    batch.input = batch_of_vectors(vectors_, sequences);
  }
  const Unrolling& unrolling = batch.unrolling();
  batch.labels.resize(static_cast<std::size_t>(unrolling.rows()));
  for (std::size_t s = 0; s < sequences.size(); ++s) {
    const std::vector<std::int32_t>& labels = labels_[static_cast<std::size_t>(sequences[s])];
    for (std::size_t t = 0; t < labels.size(); ++t) {
      batch.labels[static_cast<std::size_t>(unrolling.row(static_cast<Index>(s), static_cast<Index>(t)))] = labels[t];
    }
    batch.sequences.push_back(static_cast<std::uint64_t>(sequences[s]));
  }
  return batch;
}

}  // namespace unfold
