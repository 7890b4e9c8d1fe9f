#include <gtest/gtest.h>

#include <cmath>
#include <cstdint>
#include <string>
#include <vector>

#include "base/expect_error.h"
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
  const NGram model = NGram::train(Tokens{a, a, b}, 3, {.order = 3});
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
  const NGram model = NGram::train(Tokens{a, a, b}, 3, {.order = 3});
  EXPECT_EQ(model.probability(Tokens{c}, a), model.probability({}, a)) << "never seen";
  EXPECT_EQ(model.probability(Tokens{b}, a), model.probability({}, a)) << "seen at the end only";
  EXPECT_EQ(model.probability(Tokens{b, a}, b), model.probability(Tokens{a}, b)) << "its end alone was seen";
}

TEST(NGram, ReadsNoMoreContextThanItsOrder) {
  const NGram model = NGram::train(Tokens{a, a, b}, 3, {.order = 2});
  EXPECT_NEAR(model.probability(Tokens{a, a}, b), 25.0 / 60, kRounding);
  const NGram unigram = NGram::train(Tokens{a, a, b}, 3, {.order = 1});
  EXPECT_NEAR(unigram.probability(Tokens{a, a}, b), 5.0 / 15, kRounding);
}

TEST(NGram, NatsAreTheMeanOverTheChain) {
  const NGram model = NGram::train(Tokens{a, a, b}, 3, {.order = 3});
  // p(a) p(a|a) p(c|aa) p(b|c) with p(b|c) = p(b).
  const double expected = -(std::log(8.0 / 15) + std::log(31.0 / 60) + std::log(4.0 / 120) + std::log(5.0 / 15)) / 4;
  EXPECT_NEAR(model.nats(Tokens{a, a, c, b}), expected, kRounding);
}

TEST(NGram, AHigherOrderKnowsARepeatingTextByHeart) {
  Tokens text;
  for (int i = 0; i < 300; ++i) text.insert(text.end(), {a, a, b, c});
  const double unigram = NGram::train(text, 3, {.order = 1}).nats(text);
  const double trigram = NGram::train(text, 3, {.order = 3}).nats(text);
  EXPECT_NEAR(unigram, 1.5 * std::log(2.0), 0.01);  // entropy of (1/2, 1/4, 1/4)
  EXPECT_LT(trigram, 0.02);
}

TEST(NGram, RefusesWhatItCannotCount) {
  EXPECT_THROW(NGram::train(Tokens{}, 3, {.order = 2}), InputError);
  expect_error<ContractError>([] { NGram::train(Tokens{a, 3}, 3, {.order = 2}); }, {"token < 3", "found 3"});
  EXPECT_THROW(NGram::train(Tokens{a, -1}, 3, {.order = 2}), ContractError);
  EXPECT_THROW(NGram::train(Tokens{a}, 3, {.order = 0}), ContractError);
  EXPECT_THROW(NGram::train(Tokens{a}, 0, {.order = 1}), ContractError);
  expect_error<ContractError>([] { NGram::train(Tokens{a}, 3, {.order = 2, .boundary = 3}); }, {"found 3"});
  const NGram model = NGram::train(Tokens{a}, 3, {.order = 2});
  EXPECT_THROW(model.nats(Tokens{}), InputError);
  EXPECT_THROW(model.nats(Tokens{3}), ContractError);
  EXPECT_THROW(model.probability({}, 3), ContractError);
  EXPECT_THROW(model.probability(Tokens{-1}, 0), ContractError);
  std::vector<double> too_few(2);
  expect_error<ContractError>([&] { model.probabilities({}, too_few); }, {"V = 3", "found 2"});
  expect_error<UsageError>([] { parse_smoothing("witten"); }, {"witten-bell", "kneser-ney", "maximum-likelihood"});
}

}  // namespace
}  // namespace unfold
