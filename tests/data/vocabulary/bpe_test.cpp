#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "base/expect_error.h"
#include "data/random_text.h"
#include "data/vocabulary/symbols.h"
#include "unfold/data.h"
#include "unfold/error.h"

namespace unfold {
namespace {

using Ids = std::vector<std::int32_t>;

/// English enough to have pieces, and code with indentation.
std::string text() {
  std::string result;
  for (int i = 0; i < 40; ++i) {
    result += "the house on the hill, then the other houses there\n    if (there) then {\n        the(house);\n\t}\n";
  }
  return result + "caf\u00E9 caf\u00E9";
}

Vocabulary pieces(Index size = 400) { return Vocabulary::build(text(), Level::kBpe, {.max_size = size}); }

TEST(UnitLength, DividesIntoWordsWithOneSpaceBefore) {
  std::vector<std::string> units;
  for_each_symbol(" the  old\tman_2x,,\n   x (\u2581y  ", Level::kBpe,
                  [&](std::string_view unit) { units.emplace_back(unit); });
  EXPECT_EQ(units, (std::vector<std::string>{" the", " ", " old", "\t", "man", "_", "2", "x", ",,", "\n", "  ", " x",
                                             " (", "\u2581", "y", "  "}));
}

TEST(Bpe, GivesFrequentWordsOnePiece) {
  const Vocabulary vocabulary = pieces();
  const auto the = vocabulary.find(" the");
  const auto house = vocabulary.find(" house");
  ASSERT_TRUE(the && house);
  EXPECT_EQ(vocabulary.encode(" the house"), (Ids{*the, *house}));
  EXPECT_LE(vocabulary.size(), 400);
  EXPECT_LT(vocabulary.encode(text()).size(), text().size() / 3);
  EXPECT_EQ(vocabulary.unknown(), std::nullopt);
}

TEST(Bpe, WritesWhatItHasNoPieceForAsBytes) {
  const Vocabulary vocabulary = pieces();
  EXPECT_EQ(vocabulary.encode("日"), (Ids{0xE6, 0x97, 0xA5}));
  EXPECT_EQ(vocabulary.encode("\n"), (Ids{'\n'}));
  EXPECT_EQ(vocabulary.symbol(0xA5), "\xA5");
  EXPECT_EQ(vocabulary.find("\n"), '\n');
  const auto e = vocabulary.find("e");
  ASSERT_TRUE(e.has_value());
  EXPECT_GE(*e, 256) << "a character's piece, not its byte";
}

TEST(Bpe, DecodesToTheTextThatWasEncoded) {
  const Vocabulary vocabulary = pieces();
  std::vector<std::string> texts = {"", " ", "    ", "\u2581 \u2581", std::string("\0\x01\x7F", 3), text()};
  for (std::uint64_t key = 0; key < 100; ++key) texts.push_back(random_text(key, 60));
  for (const std::string& original : texts) {
    const Ids tokens = vocabulary.encode(original);
    EXPECT_EQ(vocabulary.decode(tokens), original);
    std::string streamed;
    for (const std::int32_t token : tokens) streamed += vocabulary.symbol(token);
    EXPECT_EQ(streamed, original) << "piece by piece";
  }
}

TEST(Bpe, IsTheSameEveryTimeAndFromJson) {
  const Vocabulary vocabulary = pieces();
  EXPECT_EQ(pieces(), vocabulary);
  EXPECT_EQ(pieces().to_json(), vocabulary.to_json());
  const Vocabulary again = Vocabulary::from_json(vocabulary.to_json());
  EXPECT_EQ(again, vocabulary);
  EXPECT_EQ(again.encode(text()), vocabulary.encode(text()));
  const Vocabulary lines =
      Vocabulary::build(text(), Level::kBpe, {.max_size = 400, .division = {Division::Kind::kLines}});
  EXPECT_EQ(lines.size(), vocabulary.size() + 1);
  EXPECT_EQ(Vocabulary::from_json(lines.to_json()).boundary(), vocabulary.size());
}

TEST(Bpe, DoesNotDependOnTheOrderOfTheCounts) {
  std::vector<SymbolCount> counts = {{" the", 100}, {" then", 50}, {"house", 9}, {" a", 3}, {"\n", 70}};
  const Vocabulary one = Vocabulary::build(Level::kBpe, counts, {.max_size = 300});
  std::reverse(counts.begin(), counts.end());
  EXPECT_EQ(Vocabulary::build(Level::kBpe, counts, {.max_size = 300}).to_json(), one.to_json());
}

TEST(Bpe, RefusesTextWithoutWordsAndSizesTooSmall) {
  EXPECT_THROW(Vocabulary::build("\n\t\n", Level::kBpe, {.max_size = 300}), InputError);
  expect_error<UsageError>([] { pieces(257); }, {"257 pieces"});
  expect_error<UsageError>([] { pieces(256); }, {"above 256"});
}

}  // namespace
}  // namespace unfold
