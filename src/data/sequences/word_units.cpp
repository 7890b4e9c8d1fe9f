#include "unfold/word_units.h"

#include <fmt/core.h>

#include <algorithm>
#include <unordered_map>

#include "base/random.h"
#include "data/vocabulary/symbols.h"
#include "unfold/error.h"

namespace unfold {
namespace {

using Counts = std::unordered_map<std::string, Index>;

Labels frequent_words(const Counts& counts, Index min_count) {
  if (min_count < 1) throw UsageError(fmt::format("the least count of a word must be at least 1; found {}", min_count));
  std::vector<std::pair<Index, std::string_view>> order;
  for (const auto& [word, count] : counts) {
    if (count >= min_count) order.emplace_back(-count, word);
  }
  std::sort(order.begin(), order.end());
  Labels words;
  words.add(kUnknownWord);
  for (const auto& [count, word] : order) words.add(word);
  return words;
}

Vocabulary all_characters(const Counts& counts) {
  std::vector<SymbolCount> list;
  for (const auto& [symbol, count] : counts) list.push_back({symbol, count});
  return Vocabulary::build(Level::kChar, std::move(list), {}, true);
}

/// What a ragged batch holds at each row, sequence after sequence.
template <class Values>
auto in_rows(const Unrolling& unrolling, const std::vector<Values>& sequences) {
  std::vector<typename Values::value_type> rows(static_cast<std::size_t>(unrolling.rows()));
  for (std::size_t s = 0; s < sequences.size(); ++s) {
    for (std::size_t t = 0; t < sequences[s].size(); ++t) {
      rows[static_cast<std::size_t>(unrolling.row(static_cast<Index>(s), static_cast<Index>(t)))] = sequences[s][t];
    }
  }
  return rows;
}

template <class Sequences>
Unrolling ragged(const Sequences& sequences) {
  std::vector<Index> lengths;
  for (const auto& sequence : sequences) lengths.push_back(static_cast<Index>(sequence.size()));
  return Unrolling::ragged(lengths);
}

std::vector<std::int32_t> spelling(const Vocabulary& characters, const std::string& word) {
  return word.empty() ? std::vector{*characters.unknown()} : characters.encode(word);
}

}  // namespace

WordUnits WordUnits::of(std::span<const Sentence> sentences, Index min_count) {
  Counts words;
  Counts characters;
  for (const Sentence& sentence : sentences) {
    for (const std::string& word : sentence) ++words[word];
  }
  for (const auto& [word, count] : words) {
    expect_utf8(word, Level::kChar, fmt::format("the word '{}'", word));
    for_each_symbol(word, Level::kChar, [&](std::string_view character) { ++characters[std::string(character)]; });
  }
  return {frequent_words(words, min_count), all_characters(characters)};
}

WordBatch batch_of_words(const WordUnits& units, std::span<const Sentence* const> sentences) {
  std::vector<std::vector<std::int32_t>> words;
  std::vector<std::vector<Index>> spelling_of;
  std::vector<std::vector<std::int32_t>> spellings;
  std::unordered_map<std::string_view, Index> distinct;
  for (const Sentence* sentence : sentences) {
    std::vector<std::int32_t>& ids = words.emplace_back();
    std::vector<Index>& places = spelling_of.emplace_back();
    for (const std::string& word : *sentence) {
      ids.push_back(units.word(word));
      const auto [entry, is_new] = distinct.emplace(word, static_cast<Index>(spellings.size()));
      if (is_new) spellings.push_back(spelling(units.characters, word));
      places.push_back(entry->second);
    }
  }
  WordBatch batch{
      .unrolling = ragged(words), .words = {}, .spelling_of = {}, .spellings = ragged(spellings), .characters = {}};
  batch.words = in_rows(batch.unrolling, words);
  batch.spelling_of = in_rows(batch.unrolling, spelling_of);
  batch.characters = in_rows(batch.spellings, spellings);
  return batch;
}

RareWordDropout::RareWordDropout(double share, const WordUnits& units, std::span<const Sentence> training) {
  if (!(share >= 0)) throw UsageError(fmt::format("dropout of rare words must be at least 0, found {}", share));
  if (share == 0) return;
  std::vector<double> counts(static_cast<std::size_t>(units.words.size()));
  for (const Sentence& sentence : training) {
    for (const std::string& word : sentence) ++counts[static_cast<std::size_t>(units.word(word))];
  }
  for (const double count : counts) rates_.push_back(share / (share + count));
}

void RareWordDropout::apply(WordBatch& batch, const MaskKeys& keys) const {
  if (rates_.empty()) return;
  const std::uint64_t key = combine(keys.seed, keys.training_step);
  for (Index sentence = 0; sentence < batch.unrolling.batch(); ++sentence) {
    const auto number = static_cast<std::size_t>(sentence);
    Random random(combine(key, keys.sequences.empty() ? number : keys.sequences[number]));
    for (Index tick = 0; tick < batch.unrolling.lengths()[number]; ++tick) {
      std::int32_t& word = batch.words[static_cast<std::size_t>(batch.unrolling.row(sentence, tick))];
      if (random.uniform_double() < rates_[static_cast<std::size_t>(word)]) word = WordUnits::kUnknownWord;
    }
  }
}

}  // namespace unfold
