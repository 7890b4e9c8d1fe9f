#include "models/labelling/word_encoder.h"

#include <cmath>

#include "base/random.h"
#include "layers/dropout.h"
#include "layers/start.h"
#include "unfold/error.h"

namespace unfold {
namespace {

// Keys of the initial values, by part.
constexpr std::uint64_t kWordsKey = 1;
constexpr std::uint64_t kCharactersKey = 2;
constexpr std::uint64_t kSpellingKey = 3;
// Characters of an average word.
constexpr Index kCharacters = 6;

/// Rows of about unit length: what a layer computes from them starts as large as from one-hot vectors.
Parameter table(const char* name, Index symbols, Index size, std::uint64_t key) {
  Parameter parameter(name, {symbols, size});
  start_normal(parameter, 1.0 / std::sqrt(static_cast<double>(size)), key);
  return parameter;
}

/// The rows of the first and of the last character of each word.
struct Ends {
  std::vector<Index> first;
  std::vector<Index> last;

  explicit Ends(const Unrolling& spellings) {
    for (Index word = 0; word < spellings.batch(); ++word) {
      first.push_back(spellings.row(word, 0));
      last.push_back(spellings.row(word, spellings.lengths()[static_cast<std::size_t>(word)] - 1));
    }
  }
};

}  // namespace

WordEncoder::WordEncoder(const RecurrentTaggerOptions& options, const WordUnits& units)
    : options_(options.words), word_dropout_(options.dropout.words) {
  const bool spelt = options_.character_hidden > 0;
  if (options_.embed < 0 || options_.character_hidden < 0 || (spelt && options_.character_embed < 1)) {
    throw UsageError("sizes of embeddings and of the recurrence over characters must be above 0, or 0 for none of it");
  }
  if (options_.embed == 0 && word_dropout_ > 0) {
    throw UsageError("dropout of words drops their embeddings, and there are none; give them a size (--embed)");
  }
  if (options_.embed == 0 && !spelt) {
    throw UsageError("words without embedding and without characters are nothing to read; give one of them a size");
  }
  if (options_.embed > 0)
    words_.emplace(table("words.W", units.words.size(), options_.embed, combine(options.seed, kWordsKey)));
  if (!spelt) return;
  const Index characters = units.characters.size();
  characters_.emplace(
      table("characters.W", characters, options_.character_embed, combine(options.seed, kCharactersKey)));
  StackOptions stack;
  stack.name = "spelling";
  stack.input = options_.character_embed;
  stack.hidden = {options_.character_hidden};
  stack.bidirectional = true;
  stack.workload = {.input = InputValues::Kind::kEmbedded,
                    .vocabulary = characters,
                    .batch = options.batch * options.steps / 2,
                    .steps = kCharacters,
                    .precision = options.precision};
  stack.initialisation = options.initialisation;
  stack.seed = combine(options.seed, kSpellingKey);
  spelling_.emplace(options.cell, stack);
}

Index WordEncoder::output_size() const { return options_.embed + (spelling_ ? spelling_->output_size() : 0); }

ParameterList WordEncoder::parameters() {
  ParameterList all;
  if (words_) all.push_back(&*words_);
  if (!spelling_) return all;
  all.push_back(&*characters_);
  all.insert(all.end(), spelling_->parameters().begin(), spelling_->parameters().end());
  return all;
}

Variable WordEncoder::forward(Tape& tape, const WordBatch& batch, Mode mode, const MaskKeys& keys) {
  std::vector<Variable> parts;
  if (words_) {
    const Variable rows = embedding(tape, *words_, batch.words);
    const double rate = mode == Mode::kEvaluation ? 0 : word_dropout_;
    parts.push_back(drop_words(tape, rows, rate, batch.words, batch.unrolling, keys));
  }
  if (spelling_) parts.push_back(select_rows(tape, spell(tape, batch, mode, keys), batch.spelling_of));
  return parts.size() == 1 ? parts.front() : concatenate(tape, parts);
}

Variable WordEncoder::spell(Tape& tape, const WordBatch& batch, Mode mode, const MaskKeys& keys) {
  const State begin{.batch = batch.spellings.batch()};
  const EmbeddedTokens characters{batch.characters, &*characters_};
  const Variable both = spelling_->forward(tape, characters, batch.spellings, begin, mode, keys).output;
  const Ends ends(batch.spellings);
  const Index width = spelling_->output_size();
  const Variable forward = columns(tape, select_rows(tape, both, ends.last), 0, width / 2);
  const Variable backward = columns(tape, select_rows(tape, both, ends.first), width / 2, width);
  return concatenate(tape, std::vector{forward, backward});
}

}  // namespace unfold
