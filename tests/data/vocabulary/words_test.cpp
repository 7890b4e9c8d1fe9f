#include "data/vocabulary/words.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "base/random.h"

namespace unfold {
namespace {

using Words = std::vector<std::string_view>;

TEST(DivideWords, SeparatesPunctuationAndKeepsLineEnds) {
  EXPECT_EQ(divide_words("In the beginning,\nGod created (all)."),
            (Words{"In", "the", "beginning", ",", "\n", "God", "created", "(", "all", ")", "."}));
  EXPECT_EQ(divide_words("  a \t b\r\n\n c\u00A0d "), (Words{"a", "b", "\n", "\n", "c", "d"}));
  EXPECT_EQ(divide_words(""), Words{});
  EXPECT_EQ(divide_words(" \t "), Words{});
}

TEST(DivideWords, KeepsApostrophesHyphensAndNumbersTogether) {
  EXPECT_EQ(divide_words("don't don\u2019t well-known x_1"), (Words{"don't", "don\u2019t", "well-known", "x_1"}));
  EXPECT_EQ(divide_words("3.14 1,000 1.a 5. -2 a- 'b'"),
            (Words{"3.14", "1,000", "1", ".", "a", "5", ".", "-", "2", "a", "-", "'", "b", "'"}));
  EXPECT_EQ(divide_words("a--b"), (Words{"a", "-", "-", "b"}));
}

TEST(DivideWords, KnowsTheLettersOfOtherScripts) {
  EXPECT_EQ(divide_words("Это café. 日本、\U0001F600!"), (Words{"Это", "café", ".", "日本", "、", "\U0001F600", "!"}));
  EXPECT_EQ(divide_words("e\u0301t"), Words{"e\u0301t"}) << "a combining mark belongs to its word";
}

TEST(DivideWords, TakesTheUnknownWordAsOneToken) {
  EXPECT_EQ(divide_words("the <unk> of<unk>, < unk >"), (Words{"the", "<unk>", "of", "<unk>", ",", "<", "unk", ">"}));
}

TEST(SetWords, SpacesAsInPrint) {
  const auto reset = [](std::string_view text) { return set_words(divide_words(text)); };
  for (const std::string text : {
           "In the beginning, God created (all) of it.\n\nAnd the earth: it was well-known; wasn't it?\n",
           "\u201CYes\u201D, she said [twice]!",
           "100% of 3.14",
           "",
       }) {
    EXPECT_EQ(reset(text), text);
  }
  EXPECT_EQ(reset("a  b ,c\t( d )\r\n  e"), "a b, c (d)\ne");
}

// Any sequence of tokens, sensible or not, must come back from the text it is set as.
TEST(SetWords, DividesIntoTheSameTokensAgain) {
  const Words pieces = {"word",   "don't",  "3.14",       "3",  "7",     ".", ",",      "-",
                        "'",      "\u2019", "\u2018",     "(",  ")",     "[", "%",      "!",
                        "\u201C", "\u201D", "\U0001F600", "\n", "<unk>", "<", "\u0301", "\""};
  Random random(8);
  for (int repeat = 0; repeat < 5000; ++repeat) {
    Words words(random.below(8));
    for (auto& word : words) word = pieces[random.below(pieces.size())];
    const std::string text = set_words(words);
    ASSERT_EQ(divide_words(text), words) << text;
  }
}

}  // namespace
}  // namespace unfold
