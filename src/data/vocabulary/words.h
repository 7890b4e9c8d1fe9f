// Dividing a text into words and setting words as text again, by the rules at Level and Vocabulary::decode in
// unfold/data.h. Dividing what was set gives the same tokens.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace unfold {

inline constexpr std::string_view kUnknownWord = "<unk>";

/// The tokens of a UTF-8 text, as pieces of it.
std::vector<std::string_view> divide_words(std::string_view text);

/// The text of tokens.
std::string set_words(std::span<const std::string_view> words);

}  // namespace unfold
