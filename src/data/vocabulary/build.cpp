// Building vocabularies: which symbols are kept, and in which order.
#include <fmt/format.h>

#include <algorithm>

#include "data/vocabulary/bpe.h"
#include "data/vocabulary/symbols.h"
#include "data/vocabulary/unknown.h"
#include "unfold/error.h"
#include "unfold/vocabulary.h"

namespace unfold {
namespace {

constexpr Index kBytes = 256;

void check_options(Level level, const VocabularyOptions& options) {
  const std::string_view name = level_name(level);
  if (level == Level::kByte || level == Level::kBpe) {
    if (options.min_count != 1) {
      throw UsageError(fmt::format("a least count is for characters and words; at level {} nothing is unknown", name));
    }
  } else if (options.min_count < 1) {
    throw UsageError(fmt::format("the least count of a symbol must be at least 1; found {}", options.min_count));
  }
  if (level == Level::kBpe && options.max_size <= kBytes) {
    throw UsageError(
        fmt::format("a vocabulary of pieces needs a size above {}, of which every byte takes one; found {}", kBytes,
                    options.max_size));
  }
  if (level == Level::kByte && options.max_size != 0) {
    throw UsageError("a vocabulary limit is for characters, words and pieces; at level byte all 256 bytes are kept");
  }
  if (options.max_size < 0 || options.max_size == 1) {
    throw UsageError(fmt::format("a vocabulary limit must be at least 2, the unknown symbol and another; found {}",
                                 options.max_size));
  }
}

std::vector<std::string> every_byte() {
  std::vector<std::string> bytes;
  for (Index byte = 0; byte < kBytes; ++byte) bytes.emplace_back(1, static_cast<char>(byte));
  return bytes;
}

/// The characters or words that are kept, by falling frequency and then by their bytes, without the unknown symbol.
std::vector<std::string> kept_symbols(std::vector<SymbolCount> counts, const VocabularyOptions& options,
                                      std::string_view unknown, bool& needs_unknown) {
  std::erase_if(counts, [&](const SymbolCount& count) {
    needs_unknown |= count.symbol == unknown;
    return count.symbol == unknown;
  });
  std::sort(counts.begin(), counts.end(), [](const SymbolCount& a, const SymbolCount& b) {
    return a.count != b.count ? a.count > b.count : a.symbol < b.symbol;
  });
  const auto rare = std::find_if(counts.begin(), counts.end(),
                                 [&](const SymbolCount& count) { return count.count < options.min_count; });
  auto size = static_cast<std::size_t>(rare - counts.begin());
  needs_unknown |= size < counts.size();
  if (options.max_size > 0) {
    const auto most = static_cast<std::size_t>(options.max_size);
    needs_unknown |= size > most;
    size = std::min(size, needs_unknown ? most - 1 : most);
  }
  std::vector<std::string> symbols;
  for (std::size_t i = 0; i < size; ++i) symbols.push_back(std::move(counts[i].symbol));
  return symbols;
}

std::vector<std::string> characters(std::vector<SymbolCount> counts, const VocabularyOptions& options, bool unknown) {
  std::vector<std::string> symbols = kept_symbols(std::move(counts), options, kUnknownCharacter, unknown);
  if (unknown) symbols.emplace_back(kUnknownCharacter);
  std::sort(symbols.begin(), symbols.end());  // UTF-8 orders its bytes as its code points
  return symbols;
}

std::vector<std::string> words(std::vector<SymbolCount> counts, const VocabularyOptions& options, bool unknown) {
  std::vector<std::string> symbols = kept_symbols(std::move(counts), options, kUnknownWord, unknown);
  if (unknown) symbols.insert(symbols.begin(), std::string(kUnknownWord));
  return symbols;
}

}  // namespace

Vocabulary Vocabulary::build(Level level, std::vector<SymbolCount> counts, const VocabularyOptions& options,
                             bool unknown_occurs) {
  check_options(level, options);
  switch (level) {
    case Level::kByte: return {level, every_byte(), options.division};
    case Level::kChar: return {level, characters(std::move(counts), options, unknown_occurs), options.division};
    case Level::kWord: return {level, words(std::move(counts), options, unknown_occurs), options.division};
    case Level::kBpe: break;
  }
  return {std::make_shared<const Bpe>(Bpe::train(std::move(counts), options.max_size)), options.division};
}

Vocabulary Vocabulary::build(const Text& text, const VocabularyOptions& options) {
  expect_utf8(text.content, text.level, text.source);
  std::unordered_map<std::string_view, Index> counts;
  for_each_symbol(text.content, text.level, [&](std::string_view symbol) { ++counts[symbol]; });
  std::vector<SymbolCount> list;
  for (const auto& [symbol, count] : counts) list.push_back({std::string(symbol), count});
  return build(text.level, std::move(list), options);
}

Vocabulary Vocabulary::build(std::string_view text, Level level, const VocabularyOptions& options) {
  return build(Text{std::string(text), level, "text"}, options);
}

}  // namespace unfold
