// Sentences made up for measuring: lengths and words as in text.
#include "tasks/bench/sentences.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <numeric>
#include <set>

namespace unfold {
namespace {

TEST(Sentences, AreAsLongAsThoseOfTheTreebank) {
  std::vector<Index> lengths = sentence_lengths(12'544);
  EXPECT_NEAR(static_cast<double>(std::accumulate(lengths.begin(), lengths.end(), Index{0})) / 12'544, 16.3, 0.3);
  std::ranges::sort(lengths);
  // Words that the shortest 5, 25, 50, 75, 90 and 99 % of its 12,544 training sentences have at most.
  const std::vector<std::pair<double, Index>> quantiles = {{0.05, 2},  {0.25, 7}, {0.5, 14},
                                                           {0.75, 23}, {0.9, 32}, {0.99, 57}};
  for (const auto& [share, expected] : quantiles) {
    const Index found = lengths[static_cast<std::size_t>(share * 12'544)];
    EXPECT_NEAR(static_cast<double>(found), static_cast<double>(expected), share < 0.95 ? 1 : 4) << share;
  }
  EXPECT_GE(lengths.front(), 1);
}

TEST(Sentences, HaveWordsOfTheirNumberAndTheirLabels) {
  const std::vector<Index> lengths = {3, 1, 2000};
  const SequenceData data = make_sentences(lengths);
  ASSERT_EQ(data.sequences.size(), 3U);
  std::set<std::string> words;
  double letters = 0;
  for (std::size_t i = 0; i < 3; ++i) {
    const Sequence& sentence = data.sequences[i];
    EXPECT_EQ(static_cast<Index>(sentence.words.size()), lengths[i]);
    EXPECT_EQ(sentence.step_labels.size(), sentence.words.size());
    for (const std::string& word : sentence.words) {
      words.insert(word);
      letters += static_cast<double>(word.size());
    }
  }
  EXPECT_NEAR(letters / 2004, 4, 1);  // 4.06 in the treebank
  EXPECT_GT(words.size(), 500U);
  EXPECT_LT(words.size(), 1500U);
}

}  // namespace
}  // namespace unfold
