// log p of texts, and Bayes' rule.
#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <numeric>

#include "base/expect_error.h"
#include "generate/table_model.h"
#include "models/small_models.h"
#include "unfold/error.h"
#include "unfold/language_text_model.h"
#include "unfold/scoring.h"

namespace unfold {
namespace {

/// Other shapes of batches may mean other kernels (docs/numerics.md); sums over a text's tokens.
constexpr double kTolerance = 1e-4;

std::vector<std::string> random_texts(std::size_t count, std::string_view letters, std::size_t longest) {
  Random random(2);
  std::vector<std::string> texts(count);
  for (std::string& text : texts) {
    for (std::uint64_t length = random.below(longest + 1); length > 0; --length) {
      text += letters[static_cast<std::size_t>(random.below(letters.size()))];
    }
  }
  return texts;
}

/// Step by step, from the line end on.
double naive_score(TextModel& model, const Vocabulary& vocabulary, const std::string& text) {
  TextState state = model.begin(1);
  std::int32_t last = *vocabulary.find("\n");
  double sum = 0;
  for (const std::int32_t token : vocabulary.encode(text)) {
    sum += model.step(state, {&last, 1})[token];
    last = token;
  }
  return sum;
}

TEST(ScoreTexts, IsTheSumOfTheModelsLogProbabilities) {
  const Vocabulary vocabulary = Vocabulary::build("abcde\n", Level::kChar);
  LanguageTextModel network(LanguageModel(small_options(), vocabulary.size()));
  TableModel table(vocabulary.size());
  const std::vector<std::string> texts = random_texts(150, "abcde", 40);
  for (TextModel* model : {static_cast<TextModel*>(&network), static_cast<TextModel*>(&table)}) {
    const std::vector<TextScore> scores = score_texts(*model, vocabulary, texts);
    ASSERT_EQ(scores.size(), texts.size());
    for (std::size_t i = 0; i < texts.size(); ++i) {
      EXPECT_NEAR(scores[i].log_probability, naive_score(*model, vocabulary, texts[i]), kTolerance) << texts[i];
      EXPECT_EQ(scores[i].tokens, static_cast<Index>(texts[i].size()));
      EXPECT_EQ(scores[i].unknown, 0);
      // Alone.
      EXPECT_NEAR(score_texts(*model, vocabulary, {&texts[i], 1}).front().log_probability, scores[i].log_probability,
                  kTolerance);
    }
  }
}

TEST(ScoreTexts, TextsGoThroughInWindows) {
  // So many symbols that a window holds four ticks of the 64 texts that are scored side by side.
  std::string words;
  for (int i = 0; i < 30'000; ++i) words += "w" + std::to_string(i) + "\n";
  const Vocabulary vocabulary = Vocabulary::build(words, Level::kWord);
  TableModel model(vocabulary.size());
  std::vector<std::string> texts;
  for (int i = 0; i < 64; ++i) texts.push_back("w" + std::to_string(i) + (i % 20 == 0 ? " w1 w2 w3 w4 w5" : ""));
  const std::vector<TextScore> scores = score_texts(model, vocabulary, texts);
  for (const std::size_t i : {0U, 1U, 20U, 63U}) {
    EXPECT_NEAR(scores[i].log_probability, naive_score(model, vocabulary, texts[i]), kTolerance) << i;
  }
}

TEST(ScoreTexts, ProbabilitiesOfAllTextsOfALengthSumToOne) {
  for (const char* symbols : {"abc\n", "abc"}) {
    const Vocabulary vocabulary = Vocabulary::build(symbols, Level::kChar);
    TableModel model(vocabulary.size());
    std::vector<std::string> texts = {""};
    for (int length = 0; length < 4; ++length) {
      std::vector<std::string> longer;
      for (const std::string& text : texts) {
        for (std::int32_t symbol = 0; symbol < vocabulary.size(); ++symbol) {
          longer.push_back(text + vocabulary.symbol(symbol));
        }
      }
      texts = std::move(longer);
    }
    double total = 0;
    for (const TextScore& score : score_texts(model, vocabulary, texts)) total += std::exp(score.log_probability);
    EXPECT_NEAR(total, 1, 1e-5) << "with the first symbol after a line end, or drawn evenly";
  }
}

TEST(ScoreTexts, LinesEndAtTheirBoundary) {
  const Vocabulary vocabulary = Vocabulary::build("abba", Level::kChar, {.division = {.kind = Division::Kind::kLines}});
  ASSERT_EQ(vocabulary.size(), 3);
  const std::int32_t boundary = *vocabulary.boundary();
  TableModel model(vocabulary.size());
  const std::vector<std::string> texts = {"", "a", "abba"};
  const std::vector<TextScore> scores = score_texts(model, vocabulary, texts);
  for (std::size_t i = 0; i < texts.size(); ++i) {
    std::vector<std::int32_t> tokens = vocabulary.encode(texts[i]);
    tokens.push_back(boundary);
    TableModel::History history = {boundary};
    double sum = 0;
    for (const std::int32_t token : tokens) {
      sum += model.answer(history)[static_cast<std::size_t>(token)];
      history.push_back(token);
    }
    EXPECT_NEAR(scores[i].log_probability, sum, kTolerance);
    EXPECT_EQ(scores[i].tokens, static_cast<Index>(texts[i].size()) + 1);
  }
}

TEST(ScoreTexts, UnknownSymbolsCountAndArePassedOver) {
  const Vocabulary vocabulary = Vocabulary::build("abc\n", Level::kChar);
  TableModel model(vocabulary.size());
  const std::vector<std::string> texts = {"a\u03C0bc\u03C0", "abc", "\u03C0"};
  const std::vector<TextScore> scores = score_texts(model, vocabulary, texts);
  EXPECT_EQ(scores[0].unknown, 2);
  EXPECT_EQ(scores[0].tokens, 5);
  EXPECT_NEAR(scores[0].log_probability, scores[1].log_probability + 2 * kUnknownNats, 1e-9);
  EXPECT_EQ(scores[2].log_probability, kUnknownNats);
  EXPECT_NEAR(kUnknownNats, -std::log(0x110000), 1e-12);
  const Vocabulary words = Vocabulary::build("a b b c c", Level::kWord, {.max_size = 2});
  TableModel word_model(words.size());
  EXPECT_EQ(score_texts(word_model, words, std::vector<std::string>{"a d e"}).front().unknown, 0)
      << "<unk> has a place";
  EXPECT_THROW(score_texts(model, vocabulary, std::vector<std::string>{"a\xFF"}), InputError);
}

TEST(Posterior, IsBayesRule) {
  const std::vector<double> logs = {std::log(0.2), std::log(0.1), std::log(0.4)}, priors = {1, 4, 0};
  const std::vector<double> found = posterior(logs, priors);
  EXPECT_NEAR(found[0], 0.2 / 0.6, 1e-15);
  EXPECT_NEAR(found[1], 0.4 / 0.6, 1e-15);
  EXPECT_EQ(found[2], 0);
  // Probabilities far below what a double holds.
  const std::vector<double> tiny = posterior(std::vector<double>{-5000, -5001}, std::vector<double>{1, 1});
  EXPECT_NEAR(tiny[0], 1 / (1 + std::exp(-1)), 1e-12);
  const double none = -std::numeric_limits<double>::infinity();
  EXPECT_EQ(posterior(std::vector<double>{none, -3}, std::vector<double>{1, 1}), (std::vector<double>{0, 1}));
  EXPECT_EQ(posterior(std::vector<double>{none, none}, std::vector<double>{1, 3}), (std::vector<double>{0.25, 0.75}));
  EXPECT_THROW(posterior(logs, std::vector<double>{1, 1}), ContractError);
  EXPECT_THROW(posterior(logs, std::vector<double>{0, 0, 0}), UsageError);
  EXPECT_THROW(posterior(logs, std::vector<double>{1, -1, 1}), UsageError);
}

}  // namespace
}  // namespace unfold
