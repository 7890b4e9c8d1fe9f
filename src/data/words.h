// Dividing a text into words and setting words as text again.
//
// White space separates tokens and is dropped, except that each line end (\n) is a token. A word is a run of letters,
// marks, digits and connecting punctuation (_); inside a word, between two such characters, stand also an apostrophe
// (' or U+2019) or a hyphen, and between two digits a full stop or comma: don't, well-known, 3.14, 1,000. The five
// characters <unk> are one token. Every other character is a token of its own. (Categories as in Unicode.)
//
// Text is set with one space between tokens, none at a line's end or beginning, none before closing punctuation
// (. , ; : ! ? ) ] } % and the closing quotes U+2019 U+201D) and none after opening ( ( [ { and U+2018 U+201C ).
// Dividing it again gives the same tokens.
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
