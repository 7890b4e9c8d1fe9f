// Beam search against greedy writing and against all texts there are.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "generate/table_model.h"
#include "models/small_models.h"
#include "unfold/error.h"
#include "unfold/generate.h"
#include "unfold/language_text_model.h"

namespace unfold {
namespace {

/// Another order of summation than along one text.
constexpr double kTolerance = 1e-5;

TEST(BeamSearch, WidthOneIsGreedy) {
  const Vocabulary vocabulary = Vocabulary::build("abcde\n", Level::kChar);
  LanguageTextModel network(LanguageModel(small_options(), vocabulary.size()));
  TableModel table(vocabulary.size());
  for (TextModel* model : {static_cast<TextModel*>(&network), static_cast<TextModel*>(&table)}) {
    for (const std::string match : {"", "[a-c]+", "(ab|d)*e"}) {
      const auto greedy =
          generate(*model, vocabulary, {.prompt = "ab", .length = 25, .sampling = {.temperature = 0}, .match = match});
      const auto beam = beam_search(*model, vocabulary, {.prompt = "ab", .length = 25, .width = 1, .match = match});
      ASSERT_EQ(beam.size(), 1U);
      EXPECT_EQ(beam[0].text, greedy[0].text) << match;
      EXPECT_DOUBLE_EQ(beam[0].log_probability(), greedy[0].log_probability());
    }
  }
}

struct Scored {
  std::string text;
  double score;
};

/// All texts of `length` symbols after `history`, the best first.
void add_all(const TableModel& model, const Vocabulary& vocabulary, TableModel::History history, std::string text,
             double sum, Index length, std::vector<Scored>& all) {
  if (length == 0) {
    all.push_back({text, sum});
    return;
  }
  const std::vector<float> answer = model.answer(history);
  history.push_back(0);
  for (std::int32_t symbol = 0; symbol < model.symbols(); ++symbol) {
    history.back() = symbol;
    add_all(model, vocabulary, history, text + vocabulary.symbol(symbol),
            sum + answer[static_cast<std::size_t>(symbol)], length - 1, all);
  }
}

TEST(BeamSearch, AWideBeamFindsTheBestOfAllTexts) {
  const Vocabulary vocabulary = Vocabulary::build("abc\n", Level::kChar);
  bool greedy_differs = false;
  for (std::uint64_t seed = 0; seed < 5; ++seed) {
    TableModel model(vocabulary.size(), seed);
    std::vector<Scored> all;
    add_all(model, vocabulary, {1}, "", 0, 5, all);  // after "a"
    ASSERT_EQ(all.size(), 1024U);
    std::sort(all.begin(), all.end(), [](const Scored& a, const Scored& b) { return a.score > b.score; });
    const auto found = beam_search(model, vocabulary, {.prompt = "a", .length = 5, .width = 1024});
    ASSERT_EQ(found.size(), all.size());
    for (std::size_t i = 0; i < all.size(); ++i) {
      EXPECT_NEAR(found[i].log_probability(), all[i].score, kTolerance) << i;
      if (i < 10) {
        EXPECT_EQ(found[i].text, all[i].text) << i;
      }
    }
    const auto greedy = beam_search(model, vocabulary, {.prompt = "a", .length = 5, .width = 1});
    greedy_differs = greedy_differs || greedy[0].text != all[0].text;
  }
  EXPECT_TRUE(greedy_differs) << "otherwise this test shows nothing";
}

/// log p of writing `text` and ending there, where a's and b's may follow each other and end with what is neither.
double score_letters(const TableModel& model, const Vocabulary& vocabulary, const std::string& text, Index length) {
  TableModel::History history = {*vocabulary.find("\n")};
  double sum = 0;
  for (const char letter : text) {
    const std::int32_t symbol = *vocabulary.find(std::string(1, letter));
    sum += model.answer(history)[static_cast<std::size_t>(symbol)];
    history.push_back(symbol);
  }
  if (static_cast<Index>(text.size()) == length) return sum;
  double end = 0;
  const std::vector<float> answer = model.answer(history);
  for (const char* other : {"\n", "c"}) end += std::exp(answer[static_cast<std::size_t>(*vocabulary.find(other))]);
  return sum + std::log(end);
}

TEST(BeamSearch, TheBestMatchOfAllMatches) {
  const Vocabulary vocabulary = Vocabulary::build("abc\n", Level::kChar);
  constexpr Index kLength = 6;
  std::vector<std::string> texts = {"a", "b"};
  for (std::size_t i = 0; texts[i].size() < kLength; ++i) {
    for (const char letter : {'a', 'b'}) texts.push_back(texts[i] + letter);
  }
  for (const double penalty : {0.0, 1.0}) {
    for (std::uint64_t seed = 0; seed < 5; ++seed) {
      TableModel model(vocabulary.size(), seed);
      std::vector<Scored> all;
      for (const std::string& text : texts) {
        const double tokens = static_cast<double>(text.size()) + (text.size() < kLength ? 1 : 0);
        all.push_back({text, score_letters(model, vocabulary, text, kLength) / std::pow(tokens, penalty)});
      }
      std::sort(all.begin(), all.end(), [](const Scored& a, const Scored& b) { return a.score > b.score; });
      const auto found = beam_search(model, vocabulary,
                                     {.length = kLength, .width = 500, .length_penalty = penalty, .match = "[ab]+"});
      ASSERT_EQ(found.size(), all.size());
      for (std::size_t i = 0; i < 10; ++i) {
        EXPECT_EQ(found[i].text, all[i].text) << penalty << ' ' << i;
        EXPECT_NEAR(found[i].log_probability() / std::pow(static_cast<double>(found[i].tokens.size()), penalty),
                    all[i].score, kTolerance);
      }
    }
  }
}

TEST(BeamSearch, RefusesWhatCannotBe) {
  const Vocabulary vocabulary = Vocabulary::build("ab", Level::kChar);
  TableModel model(vocabulary.size());
  EXPECT_THROW(beam_search(model, vocabulary, {.width = 0}), UsageError);
  EXPECT_THROW(beam_search(model, vocabulary, {.length = -1}), UsageError);
  EXPECT_THROW(beam_search(model, vocabulary, {.length = 3, .match = "aaaa"}), UsageError);
}

}  // namespace
}  // namespace unfold
