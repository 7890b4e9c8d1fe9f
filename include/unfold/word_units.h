// Words and their characters as numbers: what networks that tag words read.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "unfold/labels.h"
#include "unfold/recurrence.h"
#include "unfold/vocabulary.h"

namespace unfold {

using Sentence = std::vector<std::string>;

/// The words and characters that a model knows; both have a symbol for what is unknown.
struct WordUnits {
  /// What stands for a word that has no number of its own, as `<unk>`.
  static constexpr std::int32_t kUnknownWord = 0;

  Labels words;  // by falling frequency, equal ones by their bytes
  Vocabulary characters;

  /// Of some sentences: words that occur at least `min_count` times, and all characters (Unicode code points). Throws
  /// UsageError for a count below 1, InputError for words that are not UTF-8.
  static WordUnits of(std::span<const Sentence> sentences, Index min_count);

  std::int32_t word(std::string_view word) const { return words.find(word).value_or(kUnknownWord); }
  bool operator==(const WordUnits&) const = default;
};

/// Sentences side by side, and the spelling of each distinct word once.
struct WordBatch {
  Unrolling unrolling;                   // of B sentences, N words
  std::vector<std::int32_t> words;       // [N] ids
  std::vector<Index> spelling_of;        // [N] which of the D distinct words each one is
  Unrolling spellings;                   // of D sequences of characters
  std::vector<std::int32_t> characters;  // the rows of `spellings`
};

/// The batch of some sentences, in their order. A word without characters is spelt as one that is unknown.
WordBatch batch_of_words(const WordUnits& units, std::span<const Sentence* const> sentences);

/// Makes rare words unknown in training, so that the unknown word's embedding is learnt from words like those that will
/// be unknown: one that the training part has n times is unknown with probability share / (share + n) (Kiperwasser and
/// Goldberg 2016, section 4). Their spelling stays.
class RareWordDropout {
 public:
  RareWordDropout() = default;
  /// Throws UsageError for a share below 0.
  RareWordDropout(double share, const WordUnits& units, std::span<const Sentence> training);

  /// Drawn for (keys.seed, keys.training_step, the sentence's number in keys.sequences, the word's place).
  void apply(WordBatch& batch, const MaskKeys& keys) const;

 private:
  std::vector<double> rates_;  // [words]; empty: nothing is dropped
};

}  // namespace unfold
