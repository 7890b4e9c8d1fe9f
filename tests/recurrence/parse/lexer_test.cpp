#include "recurrence/parse/lexer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "unfold/error.h"

namespace unfold::recurrence {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using Kind = Token::Kind;

std::vector<Kind> kinds(const std::string& text) {
  std::vector<Kind> result;
  for (const Token& token : tokenise({text, "test"})) result.push_back(token.kind);
  return result;
}

std::string error_of(const std::string& text) {
  try {
    tokenise({text, "test"});
  } catch (const InputError& error) {
    return error.what();
  }
  return "no error";
}

TEST(Lexer, ReadsAnEquation) {
  EXPECT_THAT(kinds("h' = a*-2.5e1 ^ b"),
              ElementsAre(Kind::kName, Kind::kPrime, Kind::kEquals, Kind::kName, Kind::kTimes, Kind::kMinus,
                          Kind::kNumber, Kind::kPower, Kind::kName, Kind::kNewline, Kind::kEnd));
}

TEST(Lexer, ReadsTheSlidesSymbols) {
  EXPECT_THAT(kinds("σ(a) ⊙ b ∘ c ⊗ d · γ_1 − e′"),
              ElementsAre(Kind::kName, Kind::kOpenParenthesis, Kind::kName, Kind::kCloseParenthesis, Kind::kTimes,
                          Kind::kName, Kind::kTimes, Kind::kName, Kind::kTimes, Kind::kName, Kind::kDot, Kind::kName,
                          Kind::kMinus, Kind::kName, Kind::kPrime, Kind::kNewline, Kind::kEnd));
  EXPECT_EQ(tokenise({"σ", "test"})[0].text, "sigmoid");
  EXPECT_EQ(tokenise({"σ_g", "test"})[0].text, "σ_g");
}

TEST(Lexer, DropsNewlinesInsideBracketsAndComments) {
  EXPECT_THAT(kinds("a # b (\n(c\n\n,\r\n d)"),
              ElementsAre(Kind::kName, Kind::kNewline, Kind::kOpenParenthesis, Kind::kName, Kind::kComma, Kind::kName,
                          Kind::kCloseParenthesis, Kind::kNewline, Kind::kEnd));
}

TEST(Lexer, CountsColumnsInCharacters) {
  const auto tokens = tokenise({"σ ⊙\n  b", "test"});
  EXPECT_EQ(tokens[1].place.column, 3);
  EXPECT_EQ(tokens[3].place.line, 2);
  EXPECT_EQ(tokens[3].place.column, 3);
}

TEST(Lexer, SkipsAByteOrderMark) {
  const auto tokens =
      tokenise({"\xEF\xBB\xBF"
                "cell",
                "test"});
  EXPECT_EQ(tokens[0].text, "cell");
  EXPECT_EQ(tokens[0].place.column, 1);
}

TEST(Lexer, TellsSlicesFromConcatenations) {
  const auto tokens = tokenise({"[a:b] [a[c:d], (e:f)]", "test"});
  std::vector<bool> holds_colon;
  for (const Token& token : tokens) {
    if (token.kind == Kind::kOpenBracket) holds_colon.push_back(token.holds_colon);
  }
  EXPECT_THAT(holds_colon, ElementsAre(true, false, true));
}

TEST(Lexer, RefusesWhatIsNoText) {
  EXPECT_THAT(error_of("a\n b\xFF"), HasSubstr("test:2:3: the text is not valid UTF-8"));
  EXPECT_THAT(error_of("a\xC3"), HasSubstr("0xC3"));
  EXPECT_THAT(error_of(std::string("a\0b", 3)), HasSubstr("U+0000"));
  EXPECT_THAT(error_of("a ; b"), HasSubstr("';' (U+003B)"));
  EXPECT_THAT(error_of(std::string(kLongestSource + 1, ' ')), HasSubstr("too long"));
}

TEST(Lexer, RefusesNumbersOutOfRange) {
  EXPECT_THAT(error_of("a = 1e39"), HasSubstr("test:1:5: the number is out of range"));
  EXPECT_THAT(error_of("1e999"), HasSubstr("out of range"));
  EXPECT_EQ(tokenise({".5", "test"})[0].number, 0.5);
}

TEST(Lexer, RefusesUnbalancedBrackets) {
  EXPECT_THAT(error_of("a (b\n\n"), HasSubstr("test:1:3: this '(' is never closed"));
  EXPECT_THAT(error_of("a)"), HasSubstr("test:1:2: this ')' closes nothing"));
  EXPECT_THAT(error_of("(a]"), HasSubstr("this ']' does not match the '(' at 1:1"));
  EXPECT_THAT(error_of(std::string(10000, '(')), HasSubstr("nested too deeply"));
}

}  // namespace
}  // namespace unfold::recurrence
