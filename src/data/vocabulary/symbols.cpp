#include "data/vocabulary/symbols.h"

#include <algorithm>
#include <cstdint>

namespace unfold {
namespace {

// How SentencePiece writes a space, so that the character itself must not reach it.
constexpr std::string_view kWrittenSpace = "\u2581";

bool is_control(char character) {
  const auto byte = static_cast<unsigned char>(character);
  return byte < 0x20 || byte == 0x7F;
}

bool is_raw_at(std::string_view text, std::size_t offset) {
  return is_control(text[offset]) || text.substr(offset).starts_with(kWrittenSpace);
}

/// SentencePiece's pieces hold one kind, so units may too: there are far fewer different ones of code.
enum class Kind : std::uint8_t { kLetter, kDigit, kOther };

Kind kind_of(char character) {
  const auto byte = static_cast<unsigned char>(character);
  if (byte >= '0' && byte <= '9') return Kind::kDigit;
  const bool letter = (byte >= 'A' && byte <= 'Z') || (byte >= 'a' && byte <= 'z') || byte >= 0x80;
  return letter ? Kind::kLetter : Kind::kOther;
}

}  // namespace

std::size_t unit_length(std::string_view text, std::size_t offset) {
  if (is_control(text[offset])) return 1;
  if (is_raw_at(text, offset)) return kWrittenSpace.size();
  const std::size_t word = std::min(text.find_first_not_of(' ', offset), text.size());
  const bool word_follows = word < text.size() && !is_raw_at(text, word);
  const std::size_t spaces = word - offset;
  if (spaces > 1 || (spaces == 1 && !word_follows)) return word_follows ? spaces - 1 : spaces;
  const Kind kind = kind_of(text[word]);
  std::size_t end = word;
  while (end < text.size() && text[end] != ' ' && kind_of(text[end]) == kind && !is_raw_at(text, end)) ++end;
  return end - offset;
}

bool is_raw_unit(std::string_view unit) { return is_raw_at(unit, 0); }

}  // namespace unfold
