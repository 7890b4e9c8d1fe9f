// Sampling and generation.
#include "unfold/generate.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

#include "base/expect_error.h"
#include "base/random.h"
#include "models/small_models.h"
#include "unfold/error.h"

namespace unfold {
namespace {

TEST(Sample, DrawsWithTheProbabilities) {
  const std::array probabilities = {0.5, 0.25, 0.125, 0.0625, 0.0625};
  std::vector<float> logs;
  for (const double p : probabilities) logs.push_back(static_cast<float>(std::log(p)));
  constexpr int kDraws = 20000;
  // The value that chi-square with 4 degrees of freedom exceeds once in 100000; the seed is fixed.
  constexpr double kCritical = 28.5;
  const auto chi_square = [&](double temperature) {
    std::array<double, 5> expected{};
    double total = 0;
    for (std::size_t i = 0; i < 5; ++i) total += expected[i] = std::pow(probabilities[i], 1 / temperature);
    std::array<int, 5> counts{};
    Random random(1);
    for (int i = 0; i < kDraws; ++i) {
      ++counts[static_cast<std::size_t>(sample(logs, temperature, random.uniform_double()))];
    }
    double sum = 0;
    for (std::size_t i = 0; i < 5; ++i) {
      const double mean = kDraws * expected[i] / total;
      sum += (counts[i] - mean) * (counts[i] - mean) / mean;
    }
    return sum;
  };
  EXPECT_LT(chi_square(1.0), kCritical);
  EXPECT_LT(chi_square(0.5), kCritical);
  EXPECT_LT(chi_square(2.0), kCritical);
}

TEST(Sample, InvertsTheCumulativeDistribution) {
  const std::vector<float> logs = {std::log(0.5F), std::log(0.25F), std::log(0.25F)};
  EXPECT_EQ(sample(logs, 1, 0.0), 0);
  EXPECT_EQ(sample(logs, 1, 0.49), 0);
  EXPECT_EQ(sample(logs, 1, 0.51), 1);
  EXPECT_EQ(sample(logs, 1, 0.76), 2);
  EXPECT_EQ(sample(logs, 1, std::nextafter(1.0, 0.0)), 2);
}

TEST(Sample, TemperatureZeroIsGreedy) {
  const std::vector<float> logs = {-2, -0.5F, -0.5F, -3};
  for (const double uniform : {0.0, 0.5, 0.999}) EXPECT_EQ(sample(logs, 0, uniform), 1);
  EXPECT_EQ(sample(logs, 1e-9, 0.0), 1) << "as cold as can be, but not zero: no overflow";
}

TEST(Sample, SymbolsWithoutProbabilityAreNeverDrawn) {
  const float none = -std::numeric_limits<float>::infinity();
  const std::vector<float> logs = {none, 0, none};
  for (const double uniform : {0.0, 0.5, 0.999}) EXPECT_EQ(sample(logs, 1, uniform), 1);
}

TEST(Sample, RefusesImpossibleTemperatures) {
  const std::vector<float> logs = {0};
  EXPECT_THROW(sample(logs, -1, 0.5), UsageError);
  EXPECT_THROW(sample(logs, std::nan(""), 0.5), UsageError);
  EXPECT_THROW(sample({}, 1, 0.5), ContractError);
}

struct Writer {
  Vocabulary vocabulary = Vocabulary::build("abcde\n", Level::kChar);
  LanguageModel model = LanguageModel(small_options(), vocabulary.size());

  std::string write(const GenerateOptions& options, Continuation* from = nullptr) {
    return generate(model, vocabulary, options, {}, from);
  }
};

TEST(Generate, TheSameSeedWritesTheSameText) {
  Writer writer;
  const GenerateOptions options = {.prompt = "ab", .length = 40, .temperature = 1, .seed = 3};
  const std::string text = writer.write(options);
  EXPECT_EQ(text.size(), 40U);
  EXPECT_EQ(writer.write(options), text);
  EXPECT_NE(writer.write({.prompt = "ab", .length = 40, .temperature = 1, .seed = 4}), text);
}

TEST(Generate, GreedyTextFollowsTheMostProbableSymbols) {
  Writer writer;
  State state = writer.model.state(1);
  std::vector<std::int32_t> token = writer.vocabulary.encode("a");
  std::string expected;
  for (int i = 0; i < 10; ++i) {
    const Tensor next = writer.model.step(state, token);
    token[0] = static_cast<std::int32_t>(std::max_element(next.data(), next.data() + next.count()) - next.data());
    expected += writer.vocabulary.symbol(token[0]);
  }
  EXPECT_EQ(writer.write({.prompt = "a", .length = 10, .temperature = 0}), expected);
}

TEST(Generate, PiecesMakeTheText) {
  Writer writer;
  std::string pieces;
  int calls = 0;
  const auto collect = [&](std::string_view piece) {
    pieces += piece;
    ++calls;
  };
  const std::string text = generate(writer.model, writer.vocabulary, {.prompt = "a", .length = 20, .seed = 1}, collect);
  EXPECT_EQ(pieces, text);
  EXPECT_EQ(calls, 20);
}

TEST(Generate, ATextInTwoPartsIsTheTextInOne) {
  Writer writer;
  const std::string whole = writer.write({.prompt = "ab", .length = 12, .temperature = 0});
  Continuation here;
  std::string parts = writer.write({.prompt = "ab", .length = 5, .temperature = 0}, &here);
  const Continuation fork = here;
  parts += writer.write({.prompt = "", .length = 7, .temperature = 0}, &here);
  EXPECT_EQ(parts, whole);

  Continuation again = fork;
  EXPECT_EQ(whole.substr(5), writer.write({.prompt = "", .length = 7, .temperature = 0}, &again));
}

TEST(Generate, WithoutAPromptATextBeginsAfterALineEnd) {
  Writer writer;
  EXPECT_EQ(writer.write({.prompt = "", .length = 10, .temperature = 0}),
            writer.write({.prompt = "\n", .length = 10, .temperature = 0}));
}

TEST(Generate, WordsAreSetWithSpaces) {
  const Vocabulary vocabulary = Vocabulary::build("the cat sat , the end .", Level::kWord);
  LanguageModel model(small_options(), vocabulary.size());
  const std::string text = generate(model, vocabulary, {.prompt = "the cat", .length = 15, .seed = 2});
  const std::vector<std::int32_t> tokens = vocabulary.encode("the cat" + text);
  EXPECT_EQ(tokens.size(), 17U);
  EXPECT_EQ(vocabulary.decode(tokens), "the cat" + text);
}

TEST(Generate, AnUnknownSymbolOfThePromptIsNamed) {
  Writer writer;
  expect_error<InputError>([&] { writer.write({.prompt = "abx", .length = 1}); }, {"prompt:1:3", "x"});
  EXPECT_THROW(writer.write({.prompt = "a", .length = -1}), UsageError);
}

}  // namespace
}  // namespace unfold
