// Every smoothing against the naive twin, on random texts of several kinds.
#include "baselines/smoothing.h"

#include <gtest/gtest.h>

#include <cmath>
#include <numeric>
#include <tuple>

#include "base/random.h"
#include "baselines/naive_ngram.h"

namespace unfold {
namespace {

using Tokens = std::vector<std::int32_t>;

constexpr double kTolerance = 1e-12;  // some tens of operations in double on numbers up to 1
constexpr std::int32_t kVocabulary = 6;

/// Uneven frequencies, and the last token never.
Tokens random_text(std::uint64_t seed, std::size_t length) {
  Random random(seed);
  Tokens tokens(length);
  for (auto& token : tokens) token = static_cast<std::int32_t>(random.below(1 + random.below(kVocabulary - 1)));
  return tokens;
}

/// The same stretch over and over with a few faults, so that long contexts occur often and lie on long edges.
Tokens repeating_text(std::uint64_t seed, std::size_t length) {
  const Tokens stretch = random_text(seed, 23);
  Random random(seed);
  Tokens tokens;
  for (std::size_t i = 0; i < length; ++i) {
    tokens.push_back(random.below(20) == 0 ? static_cast<std::int32_t>(random.below(kVocabulary - 1))
                                           : stretch[i % stretch.size()]);
  }
  return tokens;
}

using Case = std::tuple<Smoothing, int, bool, bool>;  // order, boundary, repeating

class EverySmoothing : public testing::TestWithParam<Case> {
 protected:
  NGramOptions options() const {
    return {.order = std::get<1>(GetParam()),
            .smoothing = std::get<0>(GetParam()),
            .boundary = std::get<2>(GetParam()) ? std::optional(0) : std::nullopt};
  }
  Tokens draw(std::uint64_t seed, std::size_t length) const {
    return std::get<3>(GetParam()) ? repeating_text(seed, length) : random_text(seed, length);
  }
  NGram trained() const { return NGram::train(draw(1, 300), kVocabulary, options()); }
  /// Contexts of a text like the one that was counted, and of one that is not.
  std::vector<Tokens> contexts() const {
    std::vector<Tokens> result = {{}, {kVocabulary - 1}, {0}, {0, 0}};
    for (std::uint64_t seed = 1; seed <= 3; ++seed) {
      const Tokens text = draw(seed, 60);
      for (std::size_t end = 1; end < text.size(); end += 7) {
        const std::size_t length = std::min<std::size_t>(end, 1 + seed * 17 % 30);
        result.emplace_back(text.begin() + static_cast<std::ptrdiff_t>(end - length),
                            text.begin() + static_cast<std::ptrdiff_t>(end));
        if (!options().boundary) continue;
        // What a history holds before a boundary is not looked at.
        result.push_back(result.back());
        result.back()[length / 2] = 0;
      }
    }
    return result;
  }
};

TEST_P(EverySmoothing, AgreesWithTheFormula) {
  const NGram model = trained();
  const NaiveNGram naive(draw(1, 300), kVocabulary, options());
  for (const Tokens& context : contexts()) {
    for (std::int32_t token = 0; token < kVocabulary; ++token) {
      const Tokens seen = [&] {  // the twin wants what may be looked at only
        const auto last = std::find(context.rbegin(), context.rend(), options().boundary.value_or(-1));
        return last == context.rend() ? context : Tokens(last.base() - 1, context.end());
      }();
      ASSERT_NEAR(model.probability(context, token), naive.probability(seen, token), kTolerance);
    }
  }
}

TEST_P(EverySmoothing, SumsToOne) {
  const NGram model = trained();
  std::vector<double> p(kVocabulary);
  for (const Tokens& context : contexts()) {
    model.probabilities(context, p);
    ASSERT_NEAR(std::accumulate(p.begin(), p.end(), 0.0), 1, kTolerance);
    for (std::int32_t token = 0; token < kVocabulary; ++token) {
      ASSERT_NEAR(p[static_cast<std::size_t>(token)], model.probability(context, token), kTolerance);
    }
  }
}

TEST_P(EverySmoothing, CountsWhatTheTextHolds) {
  const NGram model = trained();
  const NaiveNGram naive(draw(1, 300), kVocabulary, options());
  for (std::size_t order = 1; order <= model.counts().size(); ++order) {
    EXPECT_EQ(model.counts()[order - 1], naive.number(order, [](int) { return true; })) << order;
  }
}

TEST_P(EverySmoothing, MeasuresATextTokenByToken) {
  const NGram model = trained();
  const Tokens text = draw(2, 50);
  const std::vector<double> p = model.probabilities(text);
  Tokens before;
  if (options().boundary) before.push_back(0);
  double sum = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    ASSERT_EQ(p[i], model.probability(before, text[i])) << i;
    sum -= std::log(p[i]);
    before.push_back(text[i]);
  }
  const double mean = sum / static_cast<double>(text.size());
  EXPECT_TRUE(model.nats(text) == mean || std::abs(model.nats(text) - mean) < kTolerance) << "or both infinite";
}

INSTANTIATE_TEST_SUITE_P(, EverySmoothing,
                         testing::Combine(testing::Values(Smoothing::kWittenBell, Smoothing::kKneserNey,
                                                          Smoothing::kMaximumLikelihood),
                                          testing::Values(1, 2, 3, 5, 40), testing::Bool(), testing::Bool()));

// Of a text of pairs the tree needs few stretches, far apart, and contexts lie on edges that only the text spells.
TEST(NGram, KeepsOfTheTextWhatItsContextsSpell) {
  constexpr std::int32_t kPairs = 30;
  Random random(4);
  Tokens text;
  for (int i = 0; i < 200; ++i) {
    const auto pair = static_cast<std::int32_t>(random.below(kPairs));
    text.insert(text.end(), {2 * pair, 2 * pair + 1});
  }
  for (const int order : {3, 4}) {
    const NGramOptions options{.order = order};
    const NGram model = NGram::train(text, 2 * kPairs, options);
    const NaiveNGram naive(text, 2 * kPairs, options);
    for (std::size_t i = 0; i < text.size(); ++i) {
      const Tokens before(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(i));
      ASSERT_NEAR(model.probability(before, text[i]), naive.probability(before, text[i]), kTolerance) << i;
    }
  }
}

// Worked by hand for "aabab", V = 2, bigrams, one boundary-less text.
//   Bigrams: aa 1, ab 2, ba 1. Predecessors: of a {beginning, a, b} 3, of b {a} 1.
//   Neither order has n-grams with counts 1, 2 and 3, so D = 0.5, 1, 1.5.
//   p(a) = (3 - 1.5) / 4 + (1.5 + 0.5) / 4 * 1/2 = 5/8, p(b) = (1 - 0.5) / 4 + 2/4 * 1/2 = 3/8
//   p(a|a) = (1 - 0.5) / 3 + (0.5 + 1) / 3 * 5/8 = 23/48, p(b|a) = (2 - 1) / 3 + 1.5/3 * 3/8 = 25/48
//   p(a|b) = (1 - 0.5) / 1 + 0.5 * 5/8 = 13/16
TEST(KneserNey, IsAsWorkedByHand) {
  const NGram model = NGram::train(Tokens{0, 0, 1, 0, 1}, 2, {.order = 2, .smoothing = Smoothing::kKneserNey});
  EXPECT_NEAR(model.probability({}, 0), 5.0 / 8, kTolerance);
  EXPECT_NEAR(model.probability({}, 1), 3.0 / 8, kTolerance);
  EXPECT_NEAR(model.probability(Tokens{0}, 0), 23.0 / 48, kTolerance);
  EXPECT_NEAR(model.probability(Tokens{0}, 1), 25.0 / 48, kTolerance);
  EXPECT_NEAR(model.probability(Tokens{1}, 0), 13.0 / 16, kTolerance);
}

// Y = 10 / (10 + 2 * 4) = 5/9; D1 = 1 - 2 Y 4/10 = 5/9, D2 = 2 - 3 Y 2/4 = 7/6, D3 = 3 - 4 Y 1/2 = 17/9.
TEST(KneserNey, EstimatesDiscountsFromCountsOfCounts) {
  const Discounts discounts = kneser_ney_discounts({10, 4, 2, 1, 7});
  EXPECT_NEAR(discounts[0], 5.0 / 9, kTolerance);
  EXPECT_NEAR(discounts[1], 7.0 / 6, kTolerance);
  EXPECT_NEAR(discounts[2], 17.0 / 9, kTolerance);
}

TEST(KneserNey, FallsBackWhereCountsOfCountsSayNothing) {
  EXPECT_EQ(kneser_ney_discounts({0, 4, 2, 1, 7}), kFallbackDiscounts) << "no n-gram occurs once";
  EXPECT_EQ(kneser_ney_discounts({10, 0, 2, 1, 7}), kFallbackDiscounts);
  EXPECT_EQ(kneser_ney_discounts({10, 4, 0, 1, 7}), kFallbackDiscounts);
  EXPECT_EQ(kneser_ney_discounts({10, 4, 20, 1, 7}), kFallbackDiscounts) << "D2 would be negative";
  EXPECT_NE(kneser_ney_discounts({10, 4, 2, 0, 7}), kFallbackDiscounts) << "D3 is 3 where none has count 4";
}

// The standard example: a word that is frequent after one word only is improbable elsewhere.
TEST(KneserNey, AWordOfOneContextIsRareElsewhere) {
  constexpr std::int32_t kSan = 0;
  constexpr std::int32_t kFrancisco = 1;
  constexpr std::int32_t kGlasses = 2;
  constexpr std::int32_t kNew = 7;
  Tokens text;
  for (int i = 0; i < 9; ++i) text.insert(text.end(), {kSan, kFrancisco});
  for (std::int32_t other = 3; other < 7; ++other) text.insert(text.end(), {other, kGlasses});
  text.push_back(kNew);
  const auto after_new = [&](Smoothing smoothing, std::int32_t token) {
    return NGram::train(text, 8, {.order = 2, .smoothing = smoothing}).probability(Tokens{kNew}, token);
  };
  EXPECT_GT(after_new(Smoothing::kWittenBell, kFrancisco), after_new(Smoothing::kWittenBell, kGlasses));
  EXPECT_LT(after_new(Smoothing::kKneserNey, kFrancisco), after_new(Smoothing::kKneserNey, kGlasses));
}

}  // namespace
}  // namespace unfold
