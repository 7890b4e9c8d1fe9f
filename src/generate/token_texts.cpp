// The vocabulary knows how tokens are set; here it is asked once for each, beside a token that is set apart from its
// own kind, such as any ordinary word.
#include "generate/token_texts.h"

#include <fmt/core.h>

#include "unfold/error.h"

namespace unfold {

namespace {

std::string decode(const Vocabulary& vocabulary, std::initializer_list<std::int32_t> tokens) {
  return vocabulary.decode(std::span(tokens.begin(), tokens.size()));
}

}  // namespace

TokenTexts::TokenTexts(const Vocabulary& vocabulary) {
  const auto count = static_cast<std::int32_t>(vocabulary.size());
  std::optional<std::int32_t> word;
  for (std::int32_t token = 0; token < count; ++token) {
    close_.push_back(decode(vocabulary, {token}));
    if (!word && decode(vocabulary, {token, token}).size() > 2 * close_.back().size()) word = token;
  }
  after_.assign(close_.size(), Spacing::kClose);
  if (!word) return;
  const std::string& word_text = close_[static_cast<std::size_t>(*word)];
  for (std::int32_t token = 0; token < count; ++token) {
    const std::string& text = close_[static_cast<std::size_t>(token)];
    apart_.push_back(decode(vocabulary, {*word, token}).substr(word_text.size()));
    if (decode(vocabulary, {token, *word}).size() > text.size() + word_text.size()) {
      after_[static_cast<std::size_t>(token)] = Spacing::kApart;
    }
  }
}

Spacing TokenTexts::after(std::optional<std::int32_t> token) const {
  return token ? after_.at(static_cast<std::size_t>(*token)) : Spacing::kClose;
}

const std::string& TokenTexts::text(Spacing spacing, std::int32_t token) const {
  return (spacing == Spacing::kApart && is_spaced() ? apart_ : close_).at(static_cast<std::size_t>(token));
}

}  // namespace unfold
