#include <gtest/gtest.h>

#include <cmath>
#include <cstdint>
#include <string>
#include <vector>

#include "base/expect_error.h"
#include "base/random.h"
#include "baselines/ngram_counts.h"
#include "unfold/baselines.h"
#include "unfold/error.h"

namespace unfold {
namespace {

using Tokens = std::vector<std::int32_t>;

constexpr double kRounding = 1e-14;  // a few operations in double on numbers near 1
constexpr std::int32_t a = 0;
constexpr std::int32_t b = 1;
constexpr std::int32_t c = 2;

// Worked by hand for the text "aab" with V = 3:
//   p(a) = (2 + 2/3) / 5 = 8/15, p(b) = (1 + 2/3) / 5 = 5/15, p(c) = (2/3) / 5 = 2/15
//   p(a|a) = (1 + 2 * 8/15) / 4 = 31/60, p(b|a) = (1 + 2 * 5/15) / 4 = 25/60, p(c|a) = (2 * 2/15) / 4 = 4/60
//   p(b|aa) = (1 + 25/60) / 2 = 85/120, p(a|aa) = 31/120, p(c|aa) = 4/120
TEST(NGram, InterpolatesAsWorkedByHand) {
  const NGram model = NGram::train(Tokens{a, a, b}, 3, 3);
  EXPECT_NEAR(model.probability({}, a), 8.0 / 15, kRounding);
  EXPECT_NEAR(model.probability({}, b), 5.0 / 15, kRounding);
  EXPECT_NEAR(model.probability({}, c), 2.0 / 15, kRounding);
  EXPECT_NEAR(model.probability(Tokens{a}, a), 31.0 / 60, kRounding);
  EXPECT_NEAR(model.probability(Tokens{a}, b), 25.0 / 60, kRounding);
  EXPECT_NEAR(model.probability(Tokens{a}, c), 4.0 / 60, kRounding);
  EXPECT_NEAR(model.probability(Tokens{a, a}, a), 31.0 / 120, kRounding);
  EXPECT_NEAR(model.probability(Tokens{a, a}, b), 85.0 / 120, kRounding);
  EXPECT_NEAR(model.probability(Tokens{a, a}, c), 4.0 / 120, kRounding);
}

TEST(NGram, UnseenContextsLeaveTheShorterOne) {
  const NGram model = NGram::train(Tokens{a, a, b}, 3, 3);
  EXPECT_EQ(model.probability(Tokens{c}, a), model.probability({}, a)) << "never seen";
  EXPECT_EQ(model.probability(Tokens{b}, a), model.probability({}, a)) << "seen at the end only";
  EXPECT_EQ(model.probability(Tokens{b, a}, b), model.probability(Tokens{a}, b)) << "its end alone was seen";
}

TEST(NGram, ReadsNoMoreContextThanItsOrder) {
  const NGram model = NGram::train(Tokens{a, a, b}, 3, 2);
  EXPECT_NEAR(model.probability(Tokens{a, a}, b), 25.0 / 60, kRounding);
  const NGram unigram = NGram::train(Tokens{a, a, b}, 3, 1);
  EXPECT_NEAR(unigram.probability(Tokens{a, a}, b), 5.0 / 15, kRounding);
}

TEST(NGram, NatsAreTheMeanOverTheChain) {
  const NGram model = NGram::train(Tokens{a, a, b}, 3, 3);
  // p(a) p(a|a) p(c|aa) p(b|c) with p(b|c) = p(b).
  const double expected = -(std::log(8.0 / 15) + std::log(31.0 / 60) + std::log(4.0 / 120) + std::log(5.0 / 15)) / 4;
  EXPECT_NEAR(model.nats(Tokens{a, a, c, b}), expected, kRounding);
}

TEST(NGram, ProbabilitiesSumToOneAfterAnyContext) {
  constexpr std::int32_t kVocabulary = 7;
  constexpr double kSumTolerance = 1e-12;
  Random random(5);
  const auto draw = [&](std::size_t length) {
    Tokens tokens(length);
    // Uneven, and the last token never drawn.
    for (auto& token : tokens) token = static_cast<std::int32_t>(random.below(1 + random.below(kVocabulary - 1)));
    return tokens;
  };
  const NGram model = NGram::train(draw(500), kVocabulary, 5);
  for (int repeat = 0; repeat < 200; ++repeat) {
    Tokens context = draw(random.below(7));
    if (repeat % 5 == 0) context.push_back(kVocabulary - 1);
    double sum = 0;
    for (std::int32_t token = 0; token < kVocabulary; ++token) {
      const double p = model.probability(context, token);
      EXPECT_GT(p, 0);
      sum += p;
    }
    EXPECT_NEAR(sum, 1, kSumTolerance);
  }
}

// The recursion of the header written down directly, counting by going over the whole text.
class SlowNGram {
 public:
  SlowNGram(Tokens text, int vocabulary, int order) : text_(std::move(text)), vocabulary_(vocabulary), order_(order) {}

  double probability(const Tokens& context, std::int32_t token) const {
    double p = 1.0 / vocabulary_;
    for (std::size_t length = 0; length < static_cast<std::size_t>(order_) && length <= context.size(); ++length) {
      std::vector<int> counts(static_cast<std::size_t>(vocabulary_), 0);
      for (std::size_t i = length; i < text_.size(); ++i) {
        const auto end = static_cast<std::ptrdiff_t>(i);
        if (std::equal(context.end() - static_cast<std::ptrdiff_t>(length), context.end(),
                       text_.begin() + end - static_cast<std::ptrdiff_t>(length))) {
          ++counts[static_cast<std::size_t>(text_[i])];
        }
      }
      int count = 0;
      int types = 0;
      for (const int n : counts) {
        count += n;
        types += n > 0 ? 1 : 0;
      }
      if (count > 0) p = (counts[static_cast<std::size_t>(token)] + types * p) / (count + types);
    }
    return p;
  }

 private:
  Tokens text_;
  int vocabulary_;
  int order_;
};

TEST(NGram, AgreesWithCountingTheTextAnewForEveryContext) {
  constexpr int kVocabulary = 4;
  constexpr double kTolerance = 1e-12;
  Random random(6);
  Tokens text(400);
  for (auto& token : text) token = static_cast<std::int32_t>(random.below(kVocabulary));
  const NGram model = NGram::train(text, kVocabulary, 5);
  const SlowNGram slow(text, kVocabulary, 5);
  double sum = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const Tokens context(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(i));
    const double p = slow.probability(context, text[i]);
    EXPECT_NEAR(model.probability(context, text[i]), p, kTolerance) << i;
    sum -= std::log(p);
  }
  EXPECT_NEAR(model.nats(text), sum / static_cast<double>(text.size()), kTolerance);
}

TEST(NGram, AHigherOrderKnowsARepeatingTextByHeart) {
  Tokens text;
  for (int i = 0; i < 300; ++i) text.insert(text.end(), {a, a, b, c});
  const double unigram = NGram::train(text, 3, 1).nats(text);
  const double trigram = NGram::train(text, 3, 3).nats(text);
  EXPECT_NEAR(unigram, 1.5 * std::log(2.0), 0.01);  // entropy of (1/2, 1/4, 1/4)
  EXPECT_LT(trigram, 0.02);
}

TEST(NGram, RefusesWhatItCannotCount) {
  EXPECT_THROW(NGram::train(Tokens{}, 3, 2), InputError);
  expect_error<ContractError>([] { NGram::train(Tokens{a, 3}, 3, 2); }, {"token < 3", "found 3"});
  EXPECT_THROW(NGram::train(Tokens{a, -1}, 3, 2), ContractError);
  EXPECT_THROW(NGram::train(Tokens{a}, 3, 0), ContractError);
  EXPECT_THROW(NGram::train(Tokens{a}, 0, 1), ContractError);
  const NGram model = NGram::train(Tokens{a}, 3, 1);
  EXPECT_THROW(model.nats(Tokens{}), InputError);
  EXPECT_THROW(model.nats(Tokens{3}), ContractError);
  EXPECT_THROW(model.probability({}, 3), ContractError);
  EXPECT_THROW(model.probability(Tokens{-1}, 0), ContractError);
}

TEST(ContinuationTable, KeepsEveryEntryWhileItGrows) {
  ContinuationTable table;
  for (std::uint32_t i = 0; i < 50'000; ++i) table.insert(i / 7, static_cast<std::int32_t>(i % 7)).count = i + 1;
  for (std::uint32_t i = 0; i < 50'000; ++i) {
    const Continuation* const found = table.find(i / 7, static_cast<std::int32_t>(i % 7));
    ASSERT_NE(found, nullptr) << i;
    ASSERT_EQ(found->count, i + 1);
  }
  EXPECT_EQ(table.find(0, 7), nullptr);
  EXPECT_EQ(table.find(7'143, 0), nullptr);
}

}  // namespace
}  // namespace unfold
