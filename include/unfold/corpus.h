// Corpora larger than memory: texts read as streams, turned into tokens once, in parallel, and kept in token files.
#pragma once

#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <vector>

#include "unfold/text.h"
#include "unfold/tokens.h"
#include "unfold/vocabulary.h"

namespace unfold {

/// What a model learns from, and how it is read. The names are those of text_files.
struct CorpusOptions {
  std::vector<std::string> data;
  std::vector<std::string> valid = {};  // empty: a part of `data` is held out
  std::string include = {};
  double held_out = 0.1;
  Level level = Level::kChar;
  VocabularyOptions vocabulary = {};
};

/// A text as tokens, in a training and a held-out part. Divided texts have the boundary symbol before the first
/// sequence and after each; empty sequences are left out.
struct Corpus {
  Vocabulary vocabulary;  // of the training part
  Tokens train;
  Tokens valid;
  std::uint64_t checksum = 0;  // of the bytes that were read: differs where the texts do
  Index unknown = 0;           // tokens of the held-out part that are the unknown symbol
};

/// Reads the texts once, as streams, and writes `folder` (which is created): train.tokens, valid.tokens and text.json.
/// The tokens depend neither on the number of threads nor on how the text was cut for them. Memory is bounded by the
/// number of different words, and for lines by the number of lines.
///
/// What is held out, where `valid` is empty: the end, floor((1 - held_out) N) tokens staying in the training part; of
/// documents whole ones, where one ends within half the held-out length of that place. Of lines, every line once, those
/// whose hash is below held_out of its range: no line is in both parts, and each stays in its part when others are
/// added.
///
/// Throws InputError for texts that cannot be read or are too short, UsageError for options that do not fit. Then
/// nothing is left in `folder`.
Corpus make_corpus(const CorpusOptions& options, const std::filesystem::path& folder);

/// What make_corpus wrote into `folder`, for the same options. Where a file is damaged or gone it is made again. Throws
/// InputError where the text is no longer the same.
Corpus open_corpus(const CorpusOptions& options, const std::filesystem::path& folder);

/// A text as the tokens of a vocabulary, with its boundary symbols.
struct EncodedText {
  Tokens tokens;
  Index characters = 0;  // without separators; see character_count
  Index bytes = 0;       // the same
};

/// The texts of `names` in memory, read and encoded as streams. Throws InputError, also for what the vocabulary lacks.
EncodedText encode_files(std::span<const std::string> names, std::string_view include, const Vocabulary& vocabulary);

/// The two parts of a held-out split, in order.
struct Split {
  std::span<const std::int32_t> train;
  std::span<const std::int32_t> valid;
};

/// Holds out the end: train has floor((1 - fraction) * N) tokens, valid the rest. Throws UsageError unless 0 < fraction
/// < 1, InputError where a part has fewer than the two tokens that make one prediction. Both refer to `tokens`.
Split split_tail(std::span<const std::int32_t> tokens, double fraction);

}  // namespace unfold
