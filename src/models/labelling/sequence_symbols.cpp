#include "models/labelling/sequence_symbols.h"

#include <fmt/core.h>

#include <map>

#include "unfold/error.h"
#include "unfold/recurrent_classifier.h"

namespace unfold {
namespace {

constexpr double kFewWords = 4;

}  // namespace

std::vector<std::int32_t> symbols_of(const Sequence& sequence, SequenceKind kind, const Vocabulary& vocabulary) {
  const bool fits = kind == SequenceKind::kText || (kind == SequenceKind::kWords && vocabulary.level() == Level::kWord);
  if (!fits) {
    throw InputError(fmt::format("line {}: the model reads texts as symbols of level {}, found {}", sequence.line,
                                 level_name(vocabulary.level()),
                                 kind == SequenceKind::kWords ? "words" : "vectors of numbers"));
  }
  std::vector<std::int32_t> symbols;
  for_each_symbol(sequence, kind, vocabulary.level(), [&](std::string_view symbol) {
    const std::optional<std::int32_t> known = vocabulary.find(symbol);
    symbols.push_back(known ? *known : vocabulary.unknown().value_or(0));
  });
  return symbols;
}

Level usual_level(const SequenceData& data) {
  if (data.kind == SequenceKind::kWords) return Level::kWord;
  std::size_t words = 0;
  for (const Sequence& sequence : data.sequences) words += words_of(sequence, data.kind).size();
  return static_cast<double>(words) < kFewWords * static_cast<double>(data.sequences.size()) ? Level::kChar
                                                                                             : Level::kWord;
}

Vocabulary vocabulary_of(const SequenceData& data, Level level, Index max_size, Index min_count) {
  if (level == Level::kBpe) throw UsageError("sequences with labels are read as bytes, characters or words, not bpe");
  if (data.kind == SequenceKind::kWords && level != Level::kWord) {
    throw UsageError(
        fmt::format("the file divides its sequences into words: --level is word, not {}", level_name(level)));
  }
  std::map<std::string, Index, std::less<>> counts;
  for (const Sequence& sequence : data.sequences) {
    for_each_symbol(sequence, data.kind, level, [&](std::string_view symbol) {
      const auto known = counts.find(symbol);
      known == counts.end() ? static_cast<void>(counts.emplace(symbol, 1)) : static_cast<void>(++known->second);
    });
  }
  std::vector<SymbolCount> list;
  for (const auto& [symbol, count] : counts) list.push_back({symbol, count});
  return Vocabulary::build(level, std::move(list), {.max_size = max_size, .min_count = min_count}, true);
}

}  // namespace unfold
