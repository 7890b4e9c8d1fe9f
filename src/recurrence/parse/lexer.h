// From the text of a cell to tokens.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "recurrence/parse/syntax.h"

namespace unfold::recurrence {

struct Token {
  enum class Kind : std::uint8_t {
    kName,
    kNumber,
    kOpenParenthesis,
    kCloseParenthesis,
    kOpenBracket,
    kCloseBracket,
    kComma,
    kColon,
    kEquals,
    kPlus,
    kMinus,
    kTimes,  // * and ⊙ ∘ ⊗
    kSlash,
    kPower,
    kDot,    // ·
    kPrime,  // '
    kNewline,
    kEnd,
  };
  Kind kind = Kind::kEnd;
  std::string text;   // as written; σ alone reads "sigmoid"
  double number = 0;  // of a kNumber
  Place place;
  bool holds_colon = false;  // of a kOpenBracket: a ':' stands between it and its partner, in no inner bracket
};

/// The tokens of `source`, ending with kEnd. Newlines inside brackets are dropped, as are comments and other white
/// space; brackets are balanced. Throws InputError: invalid UTF-8, a character that means nothing, a number out of
/// range, brackets that do not match or nest deeper than kDeepestNesting.
std::vector<Token> tokenise(const SourceText& source);

inline constexpr int kDeepestNesting = 100;
inline constexpr std::size_t kLongestSource = 1 << 20;

/// How a token is called in messages: "'='", "the end of the line".
std::string describe(const Token& token);

}  // namespace unfold::recurrence
