// Symbols and ids, encoding and decoding.
#include "unfold/vocabulary.h"

#include <fmt/format.h>

#include "data/vocabulary/bpe.h"
#include "data/vocabulary/symbols.h"
#include "data/vocabulary/unknown.h"
#include "unfold/error.h"

namespace unfold {
namespace {

std::string shown(std::string_view symbol, Level level) {
  if (level == Level::kByte) return fmt::format("the byte 0x{:02X}", static_cast<unsigned char>(symbol[0]));
  if (level == Level::kChar) return fmt::format("the character {}", shown_character(code_point_at(symbol, 0)->number));
  return symbol == "\n" ? "the line end" : fmt::format("the word '{}'", symbol);
}

[[noreturn]] void throw_unknown(std::string_view symbol, std::string_view text, Level level, std::string_view source,
                                std::size_t first_line) {
  const LineColumn place = line_column(text, static_cast<std::size_t>(symbol.data() - text.data()));
  throw InputError(fmt::format(
      "{}:{}:{}: {} is not among the symbols the vocabulary was built from; leave it out, train on a text that "
      "contains "
      "it, or train with a least count of 2 or a vocabulary limit, which keep a symbol for whatever is unknown",
      source, first_line + place.line - 1, place.column, shown(symbol, level)));
}

}  // namespace

Vocabulary::Vocabulary(Level level, std::vector<std::string> symbols, Division division)
    : level_(level), symbols_(std::move(symbols)) {
  for (std::size_t id = 0; id < symbols_.size(); ++id) ids_.emplace(symbols_[id], static_cast<std::int32_t>(id));
  add_boundary(std::move(division));
}

Vocabulary::Vocabulary(std::shared_ptr<const Bpe> pieces, Division division)
    : level_(Level::kBpe), symbols_(pieces->pieces()), pieces_(std::move(pieces)) {
  // A character of one byte has a piece besides its byte's: texts are encoded with the piece, which has the later id.
  for (std::size_t id = symbols_.size(); id-- > 0;) ids_.emplace(symbols_[id], static_cast<std::int32_t>(id));
  add_boundary(std::move(division));
}

void Vocabulary::add_boundary(Division division) {
  division_ = std::move(division);
  switch (division_.kind) {
    case Division::Kind::kWhole: return;
    case Division::Kind::kDocuments: symbols_.push_back(division_.separator); return;
    case Division::Kind::kLines: symbols_.emplace_back("\n"); return;
  }
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
  if (level_ == Level::kChar) return find(kUnknownCharacter);
  return level_ == Level::kWord ? find(kUnknownWord) : std::nullopt;
}

std::optional<std::int32_t> Vocabulary::boundary() const {
  if (division_.kind == Division::Kind::kWhole) return std::nullopt;
  return static_cast<std::int32_t>(size() - 1);
}

std::vector<std::int32_t> Vocabulary::encode(const Text& text) const {
  if (text.level != level_) {
    throw ContractError(fmt::format("'{}' was read at level {}, the vocabulary is one of level {}", text.source,
                                    level_name(text.level), level_name(level_)));
  }
  return encode(text.content, text.source);
}

std::vector<std::int32_t> Vocabulary::encode(std::string_view text) const { return encode(text, "text"); }

std::vector<std::int32_t> Vocabulary::encode(std::string_view text, std::string_view source,
                                             std::size_t first_line) const {
  expect_utf8(text, level_, source, first_line);
  const auto replacement = unknown();
  std::vector<std::int32_t> tokens;
  for_each_symbol(text, level_, [&](std::string_view symbol) {
    if (pieces_) return pieces_->encode(symbol, tokens);
    const auto id = find(symbol);
    if (!id && !replacement) throw_unknown(symbol, text, level_, source, first_line);
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
