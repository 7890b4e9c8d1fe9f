// The cache of recent tokens.
#include "unfold/cache_model.h"

#include <gtest/gtest.h>

#include <cmath>

#include "unfold/error.h"

namespace unfold {
namespace {

constexpr float kFloat = 1e-6F;

double p(const Tensor& log_probabilities, Index token) { return std::exp(double{log_probabilities[token]}); }

TEST(CacheModel, CountsTheLastTokens) {
  CacheModel cache(4, {.length = 3});
  TextState state = cache.begin(1);
  const auto read = [&](std::int32_t token) { return cache.step(state, {&token, 1}); };
  EXPECT_NEAR(p(read(2), 2), 1, kFloat);
  const Tensor two = read(1);
  EXPECT_NEAR(p(two, 1), 0.5, kFloat);
  EXPECT_NEAR(p(two, 2), 0.5, kFloat);
  read(1);
  const Tensor last_three = read(3);  // 1 1 3, the 2 is forgotten
  EXPECT_NEAR(p(last_three, 1), 2.0 / 3, kFloat);
  EXPECT_NEAR(p(last_three, 3), 1.0 / 3, kFloat);
  EXPECT_EQ(p(last_three, 2), 0);
}

TEST(CacheModel, WeighsRecentTokensMore) {
  CacheModel cache(3, {.length = 10, .decay = 0.5});
  TextState state = cache.begin(1);
  Tensor last;
  for (const std::int32_t token : {0, 1, 0}) last = cache.step(state, {&token, 1});
  EXPECT_NEAR(p(last, 0), 1.25 / 1.75, kFloat);
  EXPECT_NEAR(p(last, 1), 0.5 / 1.75, kFloat);
}

TEST(CacheModel, ScoresAsStepByStep) {
  CacheModel cache(3, {.length = 4, .decay = 0.9});
  const std::vector<std::int32_t> text = {0, 1, 0, 0, 1, 1, 0, 1};
  TokenBatch batch;
  batch.unrolling = Unrolling::equal(7, 1);
  batch.inputs.assign(text.begin(), text.end() - 1);
  batch.targets.assign(text.begin() + 1, text.end());
  TextState state = cache.begin(1);
  const std::vector<float> scores = cache.score(batch, state);
  TextState other = cache.begin(1);
  for (std::size_t i = 0; i < scores.size(); ++i) {
    EXPECT_FLOAT_EQ(scores[i], cache.step(other, {&text[i], 1})[text[i + 1]]) << i;
  }
}

TEST(CacheModel, RefusesWhatIsNoCache) {
  EXPECT_THROW(CacheModel(0, {}), ContractError);
  EXPECT_THROW(CacheModel(3, {.length = 0}), ContractError);
  EXPECT_THROW(CacheModel(3, {.decay = 0}), ContractError);
  EXPECT_THROW(CacheModel(3, {.decay = 1.5}), ContractError);
}

}  // namespace
}  // namespace unfold
