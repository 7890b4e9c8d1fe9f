#include "generate/known_tokens.h"

#include <fmt/format.h>

#include "data/vocabulary/symbols.h"
#include "unfold/error.h"

namespace unfold {

KnownTokens known_tokens(const Vocabulary& vocabulary, std::string_view text) {
  const Level level = vocabulary.level();
  if (vocabulary.unknown() || level == Level::kBpe) return {vocabulary.encode(text)};
  const auto invalid = level == Level::kByte ? std::nullopt : first_invalid_byte(text);
  if (invalid) throw InputError(fmt::format("the text '{}...' is not UTF-8", text.substr(0, *invalid)));
  KnownTokens result;
  for_each_symbol(text, level, [&](std::string_view symbol) {
    if (const auto token = vocabulary.find(symbol)) {
      result.tokens.push_back(*token);
    } else {
      ++result.unknown;
    }
  });
  return result;
}

}  // namespace unfold
