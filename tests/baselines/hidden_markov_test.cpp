// Hidden Markov models against the enumeration of all paths.
#include "unfold/hidden_markov.h"

#include <gmock/gmock.h>

#include <cmath>
#include <functional>

#include "base/expect_error.h"
#include "base/random.h"
#include "unfold/error.h"

namespace unfold {
namespace {

constexpr double kExact = 1e-9;  // sums of a few thousand doubles

/// Random tables of K tags and the words "0" to "4"; every row of transitions sums to 1.
HiddenMarkov::Tables random_tables(Index K, int order, std::uint64_t seed) {
  Random random(seed);
  HiddenMarkov::Tables tables{
      .tags = K, .order = order, .transitions = {}, .words = NamedRows(K), .endings = NamedRows(K)};
  const Index side = K + 1;
  for (Index row = 0; row < (order == 2 ? side * side : side); ++row) {
    std::vector<double> p(static_cast<std::size_t>(side));
    double sum = 0;
    for (double& value : p) sum += value = random.uniform_double();
    for (const double value : p) tables.transitions.push_back(value / sum);
  }
  for (int word = 0; word < 5; ++word) {
    for (double& value : tables.words.row(std::to_string(word))) value = random.uniform_double();
  }
  for (double& value : tables.endings.row("")) value = random.uniform_double();
  return tables;
}

std::vector<std::string> random_words(std::size_t count, std::uint64_t seed) {
  Random random(seed);
  std::vector<std::string> words;
  while (words.size() < count) words.push_back(std::to_string(random.below(6)));  // "5" is unknown
  return words;
}

/// p(w, t) of one path of tags.
double joint(const HiddenMarkov::Tables& tables, const std::vector<std::string>& words,
             const std::vector<std::int32_t>& tags) {
  const auto K = static_cast<std::size_t>(tables.tags);
  const std::size_t side = K + 1;
  std::size_t a = K;
  std::size_t b = K;
  double p = 1;
  for (std::size_t t = 0; t <= words.size(); ++t) {
    const std::size_t c = t < words.size() ? static_cast<std::size_t>(tags[t]) : K;
    p *= tables.order == 2 ? tables.transitions[(a * side + b) * side + c] : tables.transitions[b * side + c];
    if (t < words.size()) {
      const std::span<const double> row = tables.words.find(words[t]);
      p *= (row.empty() ? tables.endings.find("") : row)[c];
    }
    a = b;
    b = c;
  }
  return p;
}

void for_each_path(Index K, std::size_t length, const std::function<void(const std::vector<std::int32_t>&)>& use) {
  std::vector<std::int32_t> tags(length);
  for (;;) {
    use(tags);
    std::size_t place = 0;
    while (place < length && ++tags[place] == K) tags[place++] = 0;
    if (place == length) return;
  }
}

class Enumeration : public testing::TestWithParam<int> {
 protected:
  static constexpr Index kTags = 3;
  static constexpr std::size_t kLength = 6;
  void for_models(const std::function<void(const HiddenMarkov&, const std::vector<std::string>&)>& use) const {
    for (std::uint64_t seed = 1; seed <= 5; ++seed) {
      use(HiddenMarkov(random_tables(kTags, GetParam(), seed)), random_words(kLength, seed));
    }
  }
};
INSTANTIATE_TEST_SUITE_P(Orders, Enumeration, testing::Values(1, 2));

TEST_P(Enumeration, ForwardIsTheSumOverAllPaths) {
  for_models([](const HiddenMarkov& model, const std::vector<std::string>& words) {
    double sum = 0;
    for_each_path(kTags, kLength, [&](const auto& tags) { sum += joint(model.tables(), words, tags); });
    EXPECT_NEAR(model.log_probability(words), std::log(sum), kExact);
  });
}

TEST_P(Enumeration, PosteriorsAreSharesOfThatSum) {
  for_models([](const HiddenMarkov& model, const std::vector<std::string>& words) {
    std::vector<double> expected(kLength * kTags);
    double sum = 0;
    for_each_path(kTags, kLength, [&](const auto& tags) {
      const double p = joint(model.tables(), words, tags);
      sum += p;
      for (std::size_t t = 0; t < kLength; ++t) expected[t * kTags + static_cast<std::size_t>(tags[t])] += p;
    });
    const std::vector<double> posteriors = model.posteriors(words);
    for (std::size_t t = 0; t < kLength; ++t) {
      double row = 0;
      for (std::size_t k = 0; k < kTags; ++k) {
        EXPECT_NEAR(posteriors[t * kTags + k], expected[t * kTags + k] / sum, kExact);
        row += posteriors[t * kTags + k];
      }
      EXPECT_NEAR(row, 1, kExact);
    }
  });
}

TEST_P(Enumeration, ViterbiIsTheBestPath) {
  for_models([](const HiddenMarkov& model, const std::vector<std::string>& words) {
    double best = 0;
    std::vector<std::int32_t> expected;
    for_each_path(kTags, kLength, [&](const auto& tags) {
      const double p = joint(model.tables(), words, tags);
      if (p > best) expected = tags;
      best = std::max(best, p);
    });
    EXPECT_EQ(model.viterbi(words), expected);
  });
}

TEST(HiddenMarkov, StandsLongTextsAndNone) {
  const HiddenMarkov model(random_tables(3, 2, 1));
  const std::vector<std::string> words = random_words(20000, 1);
  EXPECT_TRUE(std::isfinite(model.log_probability(words)));
  EXPECT_EQ(model.viterbi(words).size(), words.size());
  EXPECT_EQ(model.log_probability({}), 0);
  EXPECT_TRUE(model.viterbi({}).empty());
  EXPECT_TRUE(model.posteriors({}).empty());
}

TEST(HiddenMarkov, SaysThatWordsAreImpossible) {
  HiddenMarkov::Tables tables = random_tables(2, 1, 1);
  for (double& value : tables.words.row("0")) value = 0;
  const HiddenMarkov model(tables);
  const std::vector<std::string> words = {"1", "0", "1"};
  expect_error<InputError>([&] { model.viterbi(words); }, {"probability 0"});
  expect_error<InputError>([&] { model.posteriors(words); }, {"probability 0"});
  expect_error<InputError>([&] { model.log_probability(words); }, {"probability 0"});
}

TEST(HiddenMarkov, RefusesTablesThatDoNotBelongTogether) {
  HiddenMarkov::Tables tables = random_tables(2, 1, 1);
  tables.transitions.pop_back();
  expect_error<InputError>([&] { HiddenMarkov{tables}; }, {"do not belong together"});
  tables = random_tables(2, 1, 1);
  tables.words.row("0")[0] = -1;
  expect_error<InputError>([&] { HiddenMarkov{tables}; }, {"do not belong together"});
}

const std::vector<std::vector<std::string>> kSentences = {
    {"the", "dog", "walks"}, {"the", "walk", "ended"}, {"a", "dog", "jumped"}, {"dogs", "talked"}};
const std::vector<std::vector<std::int32_t>> kTags = {{0, 1, 2}, {0, 1, 2}, {0, 1, 2}, {1, 2}};  // DET NOUN VERB

TEST(CountTagger, LearnsOrderAndEndings) {
  for (const int order : {1, 2}) {
    const HiddenMarkov model = count_tagger(kSentences, kTags, 3, {.order = order});
    EXPECT_EQ(model.viterbi(kSentences[0]), kTags[0]) << order;
    EXPECT_EQ(model.viterbi(std::vector<std::string>{"the", "cat", "yawned"}), (std::vector<std::int32_t>{0, 1, 2}));
    EXPECT_TRUE(model.knows("dog"));
    EXPECT_FALSE(model.knows("cat"));
  }
}

TEST(CountTagger, OfOrderZeroWithoutEndingsIsTheMostFrequentTag) {
  const std::vector<std::vector<std::string>> words = {{"x", "x", "x", "y", "y", "z"}};
  const std::vector<std::vector<std::int32_t>> tags = {{0, 1, 1, 0, 0, 0}};
  const HiddenMarkov model = count_tagger(words, tags, 2, {.order = 0, .ending = 0});
  EXPECT_EQ(model.viterbi(std::vector<std::string>{"x", "y", "never"}), (std::vector<std::int32_t>{1, 0, 0}));
}

TEST(CountTagger, TransitionsOfEveryHistorySumToOne) {
  for (const int order : {0, 1, 2}) {
    const HiddenMarkov model = count_tagger(kSentences, kTags, 3, {.order = order});
    const std::vector<double>& table = model.tables().transitions;
    for (std::size_t row = 0; row < table.size(); row += 4) {
      EXPECT_NEAR(table[row] + table[row + 1] + table[row + 2] + table[row + 3], 1, kExact) << order;
    }
  }
}

TEST(CountTagger, PassesOverWordsWithoutATag) {
  const std::vector<std::vector<std::string>> words = {{"a", "?", "b"}};
  const std::vector<std::vector<std::int32_t>> tags = {{0, -1, 1}};
  const HiddenMarkov model = count_tagger(words, tags, 2, {});
  EXPECT_FALSE(model.knows("?"));
  EXPECT_TRUE(model.knows("b"));
  const std::vector<std::vector<std::int32_t>> none = {{-1, -1, -1}};
  expect_error<InputError>([&] { count_tagger(words, none, 2, {}); }, {"no word has"});
  expect_error<UsageError>([&] { count_tagger(words, tags, 2, {.order = 3}); }, {"0, 1 or 2"});
}

TEST(LearnStates, NeverLowersTheLikelihood) {
  for (std::uint64_t seed = 1; seed <= 3; ++seed) {
    std::vector<std::vector<std::string>> sentences;
    for (std::uint64_t s = 0; s < 40; ++s) sentences.push_back(random_words(1 + s % 7, 100 * seed + s));
    const BaumWelchResult result = learn_states(sentences, {.states = 3, .iterations = 40, .seed = seed});
    ASSERT_EQ(result.log_probabilities.size(), 41U);
    for (std::size_t i = 1; i < result.log_probabilities.size(); ++i) {
      EXPECT_GE(result.log_probabilities[i], result.log_probabilities[i - 1] - kExact);
    }
    EXPECT_GT(result.log_probabilities.back(), result.log_probabilities.front() + 1);
    double log_probability = 0;
    for (const auto& sentence : sentences) log_probability += result.model.log_probability(sentence);
    EXPECT_NEAR(log_probability, result.log_probabilities.back(), 1e-6);
  }
}

/// Two kinds of words that take turns are told apart.
TEST(LearnStates, FindsWhatIsThere) {
  std::vector<std::vector<std::string>> sentences;
  Random random(3);
  for (int s = 0; s < 60; ++s) {
    sentences.emplace_back();
    for (int t = 0; t < 6; ++t) sentences.back().push_back((t % 2 == 0 ? "a" : "b") + std::to_string(random.below(3)));
  }
  const HiddenMarkov model = learn_states(sentences, {.states = 2, .iterations = 60, .seed = 2}).model;
  const std::vector<std::int32_t> path = model.viterbi(std::vector<std::string>{"a0", "b1", "a2", "b0"});
  EXPECT_EQ(path[0], path[2]);
  EXPECT_EQ(path[1], path[3]);
  EXPECT_NE(path[0], path[1]);
}

TEST(LearnStates, CountsRareWordsAsUnknown) {
  const HiddenMarkov model =
      learn_states(std::vector<std::vector<std::string>>{{"a", "a", "rare"}}, {.states = 1}).model;
  EXPECT_TRUE(model.knows("a"));
  EXPECT_FALSE(model.knows("rare"));
  // p(a) = 2/3, p(unknown) = 1/3; of the three steps two go on and one ends.
  EXPECT_NEAR(model.log_probability(std::vector<std::string>{"a", "new"}),
              std::log(2.0 / 3 * (1.0 / 3) * (2.0 / 3) * (1.0 / 3)), kExact);
  expect_error<InputError>([] { learn_states({}); }, {"no word"});
}

}  // namespace
}  // namespace unfold
