// Texts that match an expression: always, within the length, with the model's own probabilities.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <regex>

#include "base/expect_error.h"
#include "generate/rules.h"
#include "generate/table_model.h"
#include "unfold/error.h"
#include "unfold/generate.h"
#include "unfold/scoring.h"

namespace unfold {
namespace {

std::string random_expression(Random& random, int depth) {
  switch (depth == 0 ? random.below(4) : random.below(9)) {
    case 0: return "a";
    case 1: return "b";
    case 2: return "[^a]";
    case 3: return "[b-d ]";
    case 4: return "(" + random_expression(random, depth - 1) + "|" + random_expression(random, depth - 1) + ")";
    case 5: return "(" + random_expression(random, depth - 1) + ")*";
    case 6: return "(" + random_expression(random, depth - 1) + "){1,3}";
    case 7: return "(" + random_expression(random, depth - 1) + ")+";
    default: return random_expression(random, depth - 1) + random_expression(random, depth - 1);
  }
}

TEST(Match, TextsAlwaysMatchAtEveryLevel) {
  const std::string text = "a b c d ab ba cab dab bad a b";
  const std::vector<Vocabulary> vocabularies = {Vocabulary::build(text, Level::kChar),
                                                Vocabulary::build(text, Level::kByte),
                                                Vocabulary::build(text, Level::kWord)};
  Random random(11);
  int matched = 0, refused = 0;
  for (int trial = 0; trial < 200; ++trial) {
    const std::string expression = random_expression(random, 3);
    const std::regex reference(expression);
    const Vocabulary& vocabulary = vocabularies[static_cast<std::size_t>(trial) % vocabularies.size()];
    TableModel model(vocabulary.size(), static_cast<std::uint64_t>(trial));
    const GenerateOptions options = {
        .prompt = "a", .length = 1 + static_cast<Index>(random.below(12)), .count = 8, .seed = 1, .match = expression};
    try {
      for (const WrittenText& written : generate(model, vocabulary, options)) {
        EXPECT_TRUE(std::regex_match(written.text, reference)) << expression << " by '" << written.text << "'";
        ++matched;
      }
      for (const WrittenText& written :
           beam_search(model, vocabulary, {.prompt = "a", .length = options.length, .width = 3, .match = expression})) {
        EXPECT_TRUE(std::regex_match(written.text, reference)) << expression << " by '" << written.text << "'";
      }
    } catch (const UsageError&) {
      ++refused;  // see RefusesBeforehandWhatCannotBeCompleted
    }
  }
  EXPECT_GT(matched, 500);
  EXPECT_LT(refused, 120);
}

/// All sequences of 0 to `length` tokens whose text matches.
std::vector<std::vector<std::int32_t>> all_matches(const Vocabulary& vocabulary, const std::string& expression,
                                                   std::size_t length) {
  const std::regex reference(expression);
  std::vector<std::vector<std::int32_t>> all = {{}}, matches;
  for (std::size_t i = 0; i < all.size(); ++i) {
    if (std::regex_match(vocabulary.decode(all[i]), reference)) matches.push_back(all[i]);
    for (std::int32_t token = 0; all[i].size() < length && token < vocabulary.size(); ++token) {
      all.push_back(all[i]);
      all.back().push_back(token);
    }
  }
  return matches;
}

bool begins(const std::vector<std::int32_t>& sequence, const std::vector<std::int32_t>& beginning) {
  return sequence.size() >= beginning.size() && std::equal(beginning.begin(), beginning.end(), sequence.begin());
}

TEST(Match, WhatMayFollowIsWhatCanBeCompletedInTheTokensLeft) {
  constexpr std::size_t kLength = 4;
  Random random(5);
  for (int trial = 0; trial < 120; ++trial) {
    // Words stand apart but for '(' and '.', so the same token has two texts.
    const Vocabulary vocabulary =
        trial % 2 == 0 ? Vocabulary::build("abcd ", Level::kChar) : Vocabulary::build("a b ( ab .", Level::kWord);
    const std::string expression = random_expression(random, 3);
    const auto matches = all_matches(vocabulary, expression, kLength);
    Rules rules(vocabulary, expression);
    if (matches.empty()) {
      EXPECT_THROW(rules.begin(std::nullopt, kLength), UsageError) << expression;
      continue;
    }
    Rules::Position position = rules.begin(std::nullopt, kLength);
    const std::vector<float> answer(static_cast<std::size_t>(vocabulary.size()), -1);
    std::vector<std::int32_t> written;
    while (!rules.must_end(position, static_cast<Index>(kLength - written.size()))) {
      const auto choices = rules.choices(answer, position, static_cast<Index>(kLength - written.size()));
      std::vector<std::int32_t> open;
      for (std::int32_t token = 0; token < vocabulary.size(); ++token) {
        std::vector<std::int32_t> longer = written;
        longer.push_back(token);
        const bool expected =
            std::any_of(matches.begin(), matches.end(), [&](const auto& m) { return begins(m, longer); });
        const bool found = choices[static_cast<std::size_t>(token)] > -std::numeric_limits<float>::infinity();
        ASSERT_EQ(found, expected) << expression << " after '" << vocabulary.decode(written) << "': token " << token;
        if (found) open.push_back(token);
      }
      const bool may_end = std::find(matches.begin(), matches.end(), written) != matches.end();
      const bool all_open = open.size() == answer.size();  // then nothing makes the text end
      EXPECT_EQ(choices.back() > -std::numeric_limits<float>::infinity(), may_end && !all_open) << expression;
      ASSERT_FALSE(open.empty());
      written.push_back(open[static_cast<std::size_t>(random.below(open.size()))]);
      position = rules.after(position, written.back());
    }
    EXPECT_NE(std::find(matches.begin(), matches.end(), written), matches.end()) << expression;
  }
}

TEST(Match, TheDistributionIsTheModelsConditionedStepByStep) {
  const Vocabulary vocabulary = Vocabulary::build("abcd\n", Level::kChar);
  TableModel model(vocabulary.size(), 3);
  Rules rules(vocabulary, "a(b|c)*d?");
  const auto id = [&](const char* symbol) { return *vocabulary.find(symbol); };
  const std::vector<float> answer = model.answer({1, 2});
  const auto p = [&](std::int32_t symbol) { return answer[static_cast<std::size_t>(symbol)]; };

  Rules::Position position = rules.begin(id("\n"), 10);
  std::vector<float> choices = rules.choices(answer, position, 10);
  ASSERT_EQ(choices.size(), 6U);
  for (std::int32_t symbol = 0; symbol < 6; ++symbol) {
    if (symbol == id("a")) {
      EXPECT_EQ(choices[static_cast<std::size_t>(symbol)], p(symbol));
    } else {
      EXPECT_EQ(choices[static_cast<std::size_t>(symbol)], -std::numeric_limits<float>::infinity());
    }
  }
  position = rules.after(position, id("a"));
  choices = rules.choices(answer, position, 9);
  for (const char* legal : {"b", "c", "d"}) {
    EXPECT_EQ(choices[static_cast<std::size_t>(id(legal))], p(id(legal)));
  }
  // The end has what is left: it is as probable as leaving the expression.
  EXPECT_NEAR(std::exp(choices[5]), std::exp(p(id("a"))) + std::exp(p(id("\n"))), 1e-6);
  double total = 0;
  for (const float choice : choices) total += std::exp(choice);
  EXPECT_NEAR(total, 1, 1e-6) << "where a text may end nothing is renormalised";
}

TEST(Match, FrequenciesOfWholeTextsAreTheModels) {
  // Six texts; their probabilities by hand, each step the model's answer divided by what the expression allows.
  const Vocabulary vocabulary = Vocabulary::build("abc\n", Level::kChar);
  TableModel model(vocabulary.size(), 8);
  const auto id = [&](char symbol) { return *vocabulary.find(std::string(1, symbol)); };
  std::map<std::string, double> expected;
  for (const std::string text : {"aba", "abb", "abc", "ca", "cb", "cc"}) {
    TableModel::History history = {id('\n')};
    double probability = 1;
    for (std::size_t i = 0; i < text.size(); ++i) {
      const std::vector<float> answer = model.answer(history);
      const std::string legal = i == 0 ? "ac" : i == 1 && text[0] == 'a' ? "b" : "abc";
      double total = 0;
      for (const char symbol : legal) total += std::exp(answer[static_cast<std::size_t>(id(symbol))]);
      probability *= std::exp(answer[static_cast<std::size_t>(id(text[i]))]) / total;
      history.push_back(id(text[i]));
    }
    expected[text] = probability;
  }
  constexpr Index kTexts = 20'000;
  constexpr double kCritical = 30.9;  // chi-square with 5 degrees of freedom exceeds it once in 100000
  std::map<std::string, double> counts;
  for (const WrittenText& written :
       generate(model, vocabulary, {.length = 3, .count = kTexts, .seed = 1, .match = "(ab|c)[abc]"})) {
    ++counts[written.text];
  }
  ASSERT_EQ(counts.size(), expected.size());
  double statistic = 0;
  for (const auto& [text, probability] : expected) {
    const double mean = kTexts * probability;
    statistic += (counts[text] - mean) * (counts[text] - mean) / mean;
  }
  EXPECT_LT(statistic, kCritical);
}

TEST(Match, RefusesBeforehandWhatCannotBeCompleted) {
  const Vocabulary vocabulary = Vocabulary::build("abc", Level::kChar);
  TableModel model(vocabulary.size());
  const auto refused = [&](const GenerateOptions& options, const std::string& reason) {
    int pieces = 0;
    expect_error<UsageError>([&] { generate(model, vocabulary, options, [&](Index, std::string_view) { ++pieces; }); },
                             {reason});
    EXPECT_EQ(pieces, 0);
  };
  refused({.length = 3, .match = "a{4}|b{6}"}, "the shortest text that matches 'a{4}|b{6}' has 4 tokens");
  refused({.match = "ax*d"}, "no text of the model's 3 symbols matches");
  refused({.stop = {"a"}, .match = "a"}, "stop");
  EXPECT_EQ(generate(model, vocabulary, {.length = 4, .match = "a{4}|b{6}"}).front().text, "aaaa")
      << "the only one that is short enough";
  EXPECT_EQ(generate(model, vocabulary, {.length = 0, .match = "a*"}).front().text, "");
}

TEST(Match, PiecesAndTheEndOfALine) {
  std::string text;
  for (int i = 0; i < 40; ++i)
    text += "the cat sat on the mat\nthe dog ran at " + std::to_string(i) + " \u00e9t\u00e9s\n";
  const Vocabulary pieces = Vocabulary::build(text, Level::kBpe, {.max_size = 300});
  const Vocabulary lines = Vocabulary::build(text, Level::kChar, {.division = {.kind = Division::Kind::kLines}});
  const std::regex reference("(the|a) [a-z]+( [0-9]{1,3}| \u00e9t\u00e9s)*");
  const std::string expression = "(the|a) [a-z]+( [0-9]{1,3}| \u00e9t\u00e9s)*";
  for (const Vocabulary* vocabulary : {&pieces, &lines}) {
    TableModel model(vocabulary->size(), 4);
    bool longer = false;
    for (const WrittenText& written :
         generate(model, *vocabulary, {.length = 40, .count = 30, .seed = 2, .match = expression})) {
      EXPECT_TRUE(std::regex_match(written.text, reference)) << written.text;
      for (const WrittenToken& token : written.tokens) longer = longer || token.text.size() > 2;
    }
    EXPECT_EQ(longer, vocabulary == &pieces) << "tokens of several characters are used where there are any";
  }
  const std::vector<std::string> scored = {"the cat"};
  TableModel model(pieces.size(), 4);
  EXPECT_EQ(score_texts(model, pieces, scored).front().tokens, static_cast<Index>(pieces.encode("the cat").size()));
}

TEST(Match, WordsAreMatchedWithTheirSpaces) {
  const Vocabulary vocabulary = Vocabulary::build("the cat sat . the dog ran ( again )", Level::kWord);
  TableModel model(vocabulary.size(), 2);
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    const auto texts =
        generate(model, vocabulary, {.prompt = "the", .length = 4, .seed = seed, .match = " (cat|dog) (sat|ran)\\."});
    EXPECT_TRUE(std::regex_match("the" + texts.front().text, std::regex("the (cat|dog) (sat|ran)\\.")))
        << texts.front().text;
    EXPECT_EQ(texts.front().tokens.size(), 3U);
  }
  expect_error<UsageError>([&] { generate(model, vocabulary, {.prompt = "the", .length = 4, .match = "cat"}); },
                           {"no text"});
}

}  // namespace
}  // namespace unfold
