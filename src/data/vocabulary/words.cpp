// The rules of words.h.
#include "data/vocabulary/words.h"

#include <utf8proc.h>

#include <algorithm>
#include <array>

#include "data/text/utf8.h"

namespace unfold {
namespace {

constexpr std::int32_t kRightQuote = 0x2019;  // also the apostrophe of typeset text

constexpr std::array<std::string_view, 12> kClosing = {".", ",", ";", ":", "!",      "?",
                                                       ")", "]", "}", "%", "\u2019", "\u201D"};
constexpr std::array<std::string_view, 5> kOpening = {"(", "[", "{", "\u2018", "\u201C"};

bool is_digit(std::int32_t number) { return utf8proc_category(number) == UTF8PROC_CATEGORY_ND; }

bool is_word_character(std::int32_t number) {
  switch (utf8proc_category(number)) {
    case UTF8PROC_CATEGORY_LU:
    case UTF8PROC_CATEGORY_LL:
    case UTF8PROC_CATEGORY_LT:
    case UTF8PROC_CATEGORY_LM:
    case UTF8PROC_CATEGORY_LO:
    case UTF8PROC_CATEGORY_MN:
    case UTF8PROC_CATEGORY_MC:
    case UTF8PROC_CATEGORY_ME:
    case UTF8PROC_CATEGORY_ND:
    case UTF8PROC_CATEGORY_NL:
    case UTF8PROC_CATEGORY_NO:
    case UTF8PROC_CATEGORY_PC: return true;
    default: return false;
  }
}

bool is_space(std::int32_t number) {
  switch (utf8proc_category(number)) {
    case UTF8PROC_CATEGORY_ZS:
    case UTF8PROC_CATEGORY_ZL:
    case UTF8PROC_CATEGORY_ZP: return true;
    default: return number == '\t' || number == '\v' || number == '\f' || number == '\r' || number == 0x85;
  }
}

// True for a character that may stand between these two inside one word.
bool joins(std::int32_t before, std::int32_t character, std::int32_t after) {
  if (character == '\'' || character == kRightQuote || character == '-') return is_word_character(after);
  if (character == '.' || character == ',') return is_digit(before) && is_digit(after);
  return false;
}

class Divider {
 public:
  explicit Divider(std::string_view text) : text_(text) {}

  // The length of the token that begins with `first` at `offset`, which is no white space.
  std::size_t token_length(std::size_t offset, CodePoint first) const {
    if (text_.substr(offset).starts_with(kUnknownWord)) return kUnknownWord.size();
    std::size_t end = offset + first.length;
    if (!is_word_character(first.number)) return first.length;
    std::int32_t last = first.number;
    for (;;) {
      const CodePoint next = at(end);
      if (next.length == 0) break;
      if (!is_word_character(next.number)) {
        const CodePoint after = at(end + next.length);
        if (after.length == 0 || !joins(last, next.number, after.number)) break;
      }
      end += next.length;
      last = next.number;
    }
    return end - offset;
  }

  // Length 0 at the end of the text.
  CodePoint at(std::size_t offset) const {
    return offset < text_.size() ? code_point_at(text_, offset).value_or(CodePoint{}) : CodePoint{};
  }

 private:
  std::string_view text_;
};

template <std::size_t count>
bool is_one_of(const std::array<std::string_view, count>& marks, std::string_view word) {
  return std::find(marks.begin(), marks.end(), word) != marks.end();
}

}  // namespace

std::vector<std::string_view> divide_words(std::string_view text) {
  const Divider divider(text);
  std::vector<std::string_view> words;
  for (std::size_t offset = 0; offset < text.size();) {
    const CodePoint first = divider.at(offset);
    if (first.length == 0) break;  // not UTF-8; the vocabulary reports it
    std::size_t length = first.length;
    if (!is_space(first.number)) {
      length = divider.token_length(offset, first);
      words.push_back(text.substr(offset, length));
    }
    offset += length;
  }
  return words;
}

std::string set_words(std::span<const std::string_view> words) {
  std::string text;
  std::string_view before = "\n";
  for (const std::string_view word : words) {
    const bool close = before == "\n" || word == "\n" || is_one_of(kClosing, word) || is_one_of(kOpening, before);
    if (!close) text += ' ';
    text += word;
    before = word;
  }
  return text;
}

}  // namespace unfold
