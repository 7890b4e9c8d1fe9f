#include "generate/known_tokens.h"

#include <fmt/format.h>

#include "data/text/utf8.h"
#include "data/vocabulary/words.h"
#include "unfold/error.h"

namespace unfold {

namespace {

std::vector<std::string_view> symbols_of(std::string_view text, Level level) {
  if (level == Level::kWord) return divide_words(text);
  std::vector<std::string_view> symbols;
  for (std::size_t offset = 0; offset < text.size(); offset += symbols.back().size()) {
    symbols.push_back(text.substr(offset, level == Level::kByte ? 1 : code_point_at(text, offset)->length));
  }
  return symbols;
}

}  // namespace

KnownTokens known_tokens(const Vocabulary& vocabulary, std::string_view text) {
  const auto invalid = vocabulary.level() == Level::kByte ? std::nullopt : first_invalid_byte(text);
  if (invalid) throw InputError(fmt::format("the text '{}...' is not UTF-8", text.substr(0, *invalid)));
  const auto replacement = vocabulary.unknown();
  KnownTokens result;
  for (const std::string_view symbol : symbols_of(text, vocabulary.level())) {
    const auto token = vocabulary.find(symbol);
    if (token || replacement) {
      result.tokens.push_back(token ? *token : *replacement);
    } else {
      ++result.unknown;
    }
  }
  return result;
}

}  // namespace unfold
