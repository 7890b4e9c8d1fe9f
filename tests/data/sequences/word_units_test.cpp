// Words and characters as numbers, and what is made unknown in training.
#include "unfold/word_units.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "unfold/error.h"

namespace unfold {
namespace {

using testing::ElementsAre;

const std::vector<Sentence> kSentences = {{"the", "dög", "the", "cat"}, {"the", "mat"}};

std::vector<const Sentence*> pointers(const std::vector<Sentence>& sentences) {
  std::vector<const Sentence*> list;
  for (const Sentence& sentence : sentences) list.push_back(&sentence);
  return list;
}

/// The spelling of the word in row `row`, as text.
std::string spelt(const WordUnits& units, const WordBatch& batch, Index row) {
  const Index word = batch.spelling_of[static_cast<std::size_t>(row)];
  std::string text;
  for (Index t = 0; t < batch.spellings.lengths()[static_cast<std::size_t>(word)]; ++t) {
    text += units.characters.symbol(batch.characters[static_cast<std::size_t>(batch.spellings.row(word, t))]);
  }
  return text;
}

TEST(WordUnits, AreTheWordsOftenEnoughAndAllCharacters) {
  const WordUnits units = WordUnits::of(kSentences, 2);
  EXPECT_THAT(units.words.names(), ElementsAre("<unk>", "the"));
  EXPECT_EQ(units.word("cat"), WordUnits::kUnknownWord);
  EXPECT_NE(units.word("the"), WordUnits::kUnknownWord);
  EXPECT_TRUE(units.characters.find("ö"));
  EXPECT_TRUE(units.characters.unknown());
  EXPECT_THAT(WordUnits::of(kSentences, 1).words.names(), ElementsAre("<unk>", "the", "cat", "dög", "mat"));
  EXPECT_THROW(WordUnits::of(kSentences, 0), UsageError);
  EXPECT_THROW(WordUnits::of(std::vector<Sentence>{{"\xff"}}, 1), InputError);
}

TEST(WordUnits, ABatchHoldsEachDistinctWordOnce) {
  const WordUnits units = WordUnits::of(kSentences, 1);
  const WordBatch batch = batch_of_words(units, pointers(kSentences));
  EXPECT_EQ(batch.unrolling.rows(), 6);
  EXPECT_EQ(batch.spellings.batch(), 4);
  EXPECT_THAT(batch.spelling_of, ElementsAre(0, 0, 1, 3, 0, 2));  // tick after tick
  const std::vector<std::string> rows = {"the", "the", "dög", "mat", "the", "cat"};
  for (std::size_t row = 0; row < rows.size(); ++row) {
    EXPECT_EQ(batch.words[row], units.word(rows[row]));
    EXPECT_EQ(spelt(units, batch, static_cast<Index>(row)), rows[row]);
  }
}

TEST(WordUnits, WhatIsNewIsUnknownAndNothingIsSpeltAsUnknown) {
  const WordUnits units = WordUnits::of(kSentences, 1);
  const std::vector<Sentence> sentences = {{"tax", ""}};
  const WordBatch batch = batch_of_words(units, pointers(sentences));
  EXPECT_THAT(batch.words, ElementsAre(WordUnits::kUnknownWord, WordUnits::kUnknownWord));
  EXPECT_EQ(spelt(units, batch, 0), "ta\uFFFD");
  EXPECT_EQ(spelt(units, batch, 1), "\uFFFD");
}

TEST(RareWordDropout, MakesRareWordsUnknownAsOftenAsItSays) {
  const std::vector<Sentence> training = {{"rare"}, Sentence(9, "often")};
  const WordUnits units = WordUnits::of(training, 1);
  const RareWordDropout dropout(1.0, units, training);
  const Sentence both = {"rare", "often"};
  constexpr int kDraws = 4000;
  double rare = 0;
  double often = 0;
  for (int step = 0; step < kDraws; ++step) {
    WordBatch batch = batch_of_words(units, std::vector{&both});
    MaskKeys keys;
    keys.training_step = static_cast<std::uint64_t>(step);
    dropout.apply(batch, keys);
    rare += batch.words[0] == WordUnits::kUnknownWord ? 1 : 0;
    often += batch.words[1] == WordUnits::kUnknownWord ? 1 : 0;
    EXPECT_EQ(spelt(units, batch, 0), "rare");
  }
  constexpr double kFiveDeviations = 0.04;  // of the share of 4000 draws
  EXPECT_NEAR(rare / kDraws, 1.0 / 2, kFiveDeviations);
  EXPECT_NEAR(often / kDraws, 1.0 / 10, kFiveDeviations);
}

TEST(RareWordDropout, DependsOnTheSentenceAndNotOnItsBatch) {
  const std::vector<Sentence> training = {Sentence(20, "a"), Sentence(20, "b"), Sentence(20, "c")};
  const WordUnits units = WordUnits::of(training, 1);
  const RareWordDropout dropout(20, units, training);
  WordBatch all = batch_of_words(units, pointers(training));
  dropout.apply(all, {});
  WordBatch one = batch_of_words(units, std::vector{&training[2]});
  MaskKeys keys;
  keys.sequences = {2};
  dropout.apply(one, keys);
  bool dropped = false;
  for (Index t = 0; t < 20; ++t) {
    const std::int32_t word = one.words[static_cast<std::size_t>(one.unrolling.row(0, t))];
    EXPECT_EQ(word, all.words[static_cast<std::size_t>(all.unrolling.row(2, t))]);
    dropped |= word == WordUnits::kUnknownWord;
  }
  EXPECT_TRUE(dropped);
  EXPECT_THROW(RareWordDropout(-1, units, training), UsageError);
}

}  // namespace
}  // namespace unfold
