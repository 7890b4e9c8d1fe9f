// Chains of bits and symbols against counting by hand.
#include "unfold/step_chains.h"

#include <gtest/gtest.h>

#include <array>
#include <cmath>
#include <limits>
#include <vector>

#include "unfold/error.h"

namespace unfold {
namespace {

constexpr double kRounding = 1e-12;
constexpr float kMissing = std::numeric_limits<float>::quiet_NaN();

TEST(StepChains, CountBitsByThemselves) {
  StepChains chains(2, 2);
  // The first bit is 1, 1, 0, 1; the second always 0, once missing.
  chains.count(Tensor({4, 2}, std::vector<float>{1, 0, 1, 0, 0, kMissing, 1, 0}));
  const auto cost = [](double count, double total) { return -std::log((count + 0.5) / (total + 1)); };
  EXPECT_NEAR(chains.nats(std::array<float, 2>{1, 0}), cost(3, 4) + cost(3, 3), kRounding);
  EXPECT_NEAR(chains.nats(std::array<float, 2>{0, 1}), cost(1, 4) + cost(0, 3), kRounding);
  EXPECT_NEAR(chains.nats(std::array<float, 2>{kMissing, 1}), cost(0, 3), kRounding);
  // After a 1 there came 1 and 0; after a 0 of the first bit, 1; after a 0 of the second, one 0, for one is missing.
  EXPECT_NEAR(chains.nats(std::array<float, 2>{1, 0}, std::array<float, 2>{0, 0}), cost(1, 2) + cost(1, 1), kRounding);
  EXPECT_NEAR(chains.nats(std::array<float, 2>{0, 1}, std::array<float, 2>{0, 0}), cost(0, 1) + cost(0, 0), kRounding);
  EXPECT_NEAR(chains.nats(std::array<float, 2>{kMissing, 0}, std::array<float, 2>{1, 0}), cost(3, 4) + cost(1, 1),
              kRounding);
}

TEST(StepChains, SequencesDoNotFollowEachOther) {
  StepChains chains(1, 3);
  chains.count(Tensor({3, 1}, std::vector<float>{0, 2, 2}));
  chains.count(Tensor({1, 1}, std::vector<float>{1}));
  EXPECT_NEAR(chains.nats(std::array<float, 1>{1}), -std::log((1 + 0.5) / (4 + 1.5)), kRounding);
  EXPECT_NEAR(chains.nats(std::array<float, 1>{2}, std::array<float, 1>{1}), -std::log(0.5 / (1 + 1.5)), kRounding);
}

TEST(StepChains, ProbabilitiesSumToOne) {
  StepChains chains(1, 4);
  chains.count(Tensor({6, 1}, std::vector<float>{0, 3, 3, 1, 0, 3}));
  double alone = 0;
  double after = 0;
  for (float symbol = 0; symbol < 4; ++symbol) {
    alone += std::exp(-chains.nats(std::array<float, 1>{symbol}));
    after += std::exp(-chains.nats(std::array<float, 1>{3}, std::array<float, 1>{symbol}));
  }
  EXPECT_NEAR(alone, 1, kRounding);
  EXPECT_NEAR(after, 1, kRounding);
}

TEST(StepChains, RefuseOtherSizes) {
  EXPECT_THROW(StepChains(0, 2), ContractError);
  EXPECT_THROW(StepChains(1, 2, {1, 2, 3}, {0, 0, 0, 0}), ContractError);
  StepChains chains(2, 2);
  EXPECT_THROW(chains.count(Tensor({3, 1})), ContractError);
}

}  // namespace
}  // namespace unfold
