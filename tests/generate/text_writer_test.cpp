// Handing on text: whole characters, nothing of a stop string, nothing lost.
#include "generate/text_writer.h"

#include <gtest/gtest.h>

#include "unfold/data.h"

namespace unfold {
namespace {

struct Written {
  std::vector<std::string> pieces;
  std::string text;
  bool stopped = false;
};

Written write(const std::vector<std::string>& given, const std::vector<std::string>& stops, bool whole = true) {
  Written result;
  TextWriter writer(stops, whole, [&](std::string_view piece) { result.pieces.emplace_back(piece); });
  for (const std::string& piece : given) {
    result.stopped = !writer.add(piece);
    if (result.stopped) break;
  }
  writer.finish();
  result.text = writer.text();
  return result;
}

TEST(TextWriter, CharactersAreNeverTorn) {
  std::vector<std::string> bytes;
  const std::string text = "na\u00EFve \u03C0 \u20AC \U0001F600!";
  for (const char byte : text) bytes.emplace_back(1, byte);
  const Written written = write(bytes, {});
  EXPECT_EQ(written.text, text);
  for (const std::string& piece : written.pieces) {
    EXPECT_NO_THROW(Vocabulary::build(piece, Level::kChar)) << "a piece is not UTF-8";
  }
  EXPECT_EQ(write(bytes, {}, false).pieces.size(), text.size()) << "at byte level bytes pass as they come";
}

TEST(TextWriter, WhatNeverBecomesACharacterPassesInTheEnd) {
  EXPECT_EQ(write({"a", "\xE2", "b", "\x80\x80\x80\x80\x80", "c\xF0\x9F"}, {}).text,
            "a\xE2"
            "b\x80\x80\x80\x80\x80"
            "c\xF0\x9F");
}

TEST(TextWriter, StopStringsAcrossPieces) {
  const Written written = write({"one t", "w", "o thr", "ee"}, {"two"});
  EXPECT_TRUE(written.stopped);
  EXPECT_EQ(written.text, "one ");
  EXPECT_EQ(write({"aab", "aac"}, {"aaa", "aac"}).text, "aab");
  EXPECT_EQ(write({"a", "a", "a", "b"}, {"aab"}).text, "a");
  EXPECT_EQ(write({"xyz"}, {"z", "yz"}).text, "x") << "the earliest beginning counts";
  const Written unfinished = write({"one tw"}, {"two"});
  EXPECT_FALSE(unfinished.stopped);
  EXPECT_EQ(unfinished.pieces, (std::vector<std::string>{"one ", "tw"})) << "handed on when it can be none any more";
}

}  // namespace
}  // namespace unfold
