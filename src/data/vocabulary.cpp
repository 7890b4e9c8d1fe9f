// Building vocabularies, encoding and decoding.
#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>

#include "data/utf8.h"
#include "data/words.h"
#include "unfold/data.h"
#include "unfold/error.h"

namespace unfold {
namespace {

constexpr std::string_view kText = "text";  // what a text without a name is called

void require_utf8(std::string_view text, Level level, std::string_view source) {
  if (level == Level::kByte) return;
  if (const auto offset = first_invalid_byte(text)) {
    throw InputError(fmt::format("{}:{}: byte {} (0x{:02X}) is not UTF-8; use the level byte for such texts", source,
                                 line_column(text, *offset).line, *offset, static_cast<unsigned char>(text[*offset])));
  }
}

// Calls use(piece) for every symbol of the text, in order. The text is UTF-8 unless the level is byte.
template <class Use>
void for_each_symbol(std::string_view text, Level level, const Use& use) {
  if (level == Level::kWord) {
    for (const std::string_view word : divide_words(text)) use(word);
    return;
  }
  for (std::size_t offset = 0; offset < text.size();) {
    const std::size_t length = level == Level::kByte ? 1 : code_point_at(text, offset)->length;
    use(text.substr(offset, length));
    offset += length;
  }
}

// UTF-8 orders its bytes as its code points, so one order of strings serves both levels.
std::vector<std::string> symbols_in_order(std::string_view text, Level level) {
  std::set<std::string_view> found;
  for_each_symbol(text, level, [&](std::string_view symbol) {
    // Most symbols were met before; a look-up is cheaper than an insertion.
    if (!found.contains(symbol)) found.insert(symbol);
  });
  return {found.begin(), found.end()};
}

std::vector<std::string> words_by_frequency(std::string_view text, Index max_size) {
  std::unordered_map<std::string_view, Index> counts;
  for (const std::string_view word : divide_words(text)) ++counts[word];
  if (max_size > 0) counts.erase(kUnknownWord);
  std::vector<std::pair<std::string_view, Index>> order(counts.begin(), counts.end());
  std::sort(order.begin(), order.end(), [](const auto& a, const auto& b) {
    return a.second != b.second ? a.second > b.second : a.first < b.first;
  });
  std::vector<std::string> words;
  if (max_size > 0) {
    words.emplace_back(kUnknownWord);
    order.resize(std::min(order.size(), static_cast<std::size_t>(max_size - 1)));
  }
  for (const auto& [word, count] : order) words.emplace_back(word);
  return words;
}

void check_max_size(Level level, Index max_size) {
  if (max_size == 0) return;
  if (level != Level::kWord) {
    throw UsageError(
        fmt::format("a vocabulary limit is for words; at level {} every symbol is kept", level_name(level)));
  }
  if (max_size < 2) {
    throw UsageError(fmt::format("a vocabulary limit must be at least 2, <unk> and one word; found {}", max_size));
  }
}

std::string shown(std::string_view symbol, Level level) {
  switch (level) {
    case Level::kByte: return fmt::format("the byte 0x{:02X}", static_cast<unsigned char>(symbol[0]));
    case Level::kChar: return fmt::format("the character {}", shown_character(code_point_at(symbol, 0)->number));
    case Level::kWord: break;
  }
  return symbol == "\n" ? "the line end" : fmt::format("the word '{}'", symbol);
}

[[noreturn]] void throw_unknown(std::string_view symbol, std::string_view text, Level level, std::string_view source) {
  const LineColumn place = line_column(text, static_cast<std::size_t>(symbol.data() - text.data()));
  const std::string_view advice =
      level == Level::kWord ? "leave it out, or train with a vocabulary limit, which adds <unk> for such words"
                            : "leave it out, or train on a text that contains it";
  throw InputError(fmt::format("{}:{}:{}: {} is not among the symbols the vocabulary was built from; {}", source,
                               place.line, place.column, shown(symbol, level), advice));
}

}  // namespace

Vocabulary::Vocabulary(Level level, std::vector<std::string> symbols) : level_(level), symbols_(std::move(symbols)) {
  for (std::size_t id = 0; id < symbols_.size(); ++id) ids_.emplace(symbols_[id], static_cast<std::int32_t>(id));
}

Vocabulary Vocabulary::build(const Text& text, Index max_size) {
  check_max_size(text.level, max_size);
  require_utf8(text.content, text.level, text.source);
  return {text.level, text.level == Level::kWord ? words_by_frequency(text.content, max_size)
                                                 : symbols_in_order(text.content, text.level)};
}

Vocabulary Vocabulary::build(std::string_view text, Level level, Index max_size) {
  return build(Text{std::string(text), level, std::string(kText)}, max_size);
}

const std::string& Vocabulary::symbol(std::int32_t id) const {
  if (id < 0 || id >= size()) {
    throw ContractError(fmt::format("token {} is not in the vocabulary: expected 0 <= token < {}", id, size()));
  }
  return symbols_[static_cast<std::size_t>(id)];
}

std::optional<std::int32_t> Vocabulary::find(std::string_view symbol) const {
  const auto found = ids_.find(symbol);
  return found == ids_.end() ? std::nullopt : std::optional(found->second);
}

std::optional<std::int32_t> Vocabulary::unknown() const {
  return level_ == Level::kWord ? find(kUnknownWord) : std::nullopt;
}

std::vector<std::int32_t> Vocabulary::encode(const Text& text) const {
  if (text.level != level_) {
    throw ContractError(fmt::format("'{}' was read at level {}, the vocabulary is one of level {}", text.source,
                                    level_name(text.level), level_name(level_)));
  }
  return encode(text.content, text.source);
}

std::vector<std::int32_t> Vocabulary::encode(std::string_view text) const { return encode(text, kText); }

std::vector<std::int32_t> Vocabulary::encode(std::string_view text, std::string_view source) const {
  require_utf8(text, level_, source);
  const auto replacement = unknown();
  std::vector<std::int32_t> tokens;
  for_each_symbol(text, level_, [&](std::string_view symbol) {
    const auto id = find(symbol);
    if (!id && !replacement) throw_unknown(symbol, text, level_, source);
    tokens.push_back(id ? *id : *replacement);
  });
  return tokens;
}

std::string Vocabulary::decode(std::span<const std::int32_t> tokens) const {
  if (level_ == Level::kWord) {
    std::vector<std::string_view> words;
    for (const std::int32_t token : tokens) words.push_back(symbol(token));
    return set_words(words);
  }
  std::string text;
  for (const std::int32_t token : tokens) text += symbol(token);
  return text;
}

}  // namespace unfold
