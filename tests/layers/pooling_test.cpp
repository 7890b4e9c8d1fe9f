// Pooling: by hand, on ragged batches, and its gradients.
#include "unfold/pooling.h"

#include <gtest/gtest.h>

#include <array>
#include <cmath>

#include "tape/gradient_check.h"
#include "unfold/error.h"

namespace unfold {
namespace {

using Kind = Pooling::Kind;

// Sequence 0 has the steps (1, 5), (3, -2), (2, 4); sequence 1 has none; sequence 2 has (-1, 7).
const Unrolling kUnrolling = Unrolling::ragged(std::array<Index, 3>{3, 0, 1});
// Tick after tick: tick 0 of sequences 0 and 2, then ticks 1 and 2 of sequence 0.
const std::vector<float> kSteps = {1, 5, -1, 7, 3, -2, 2, 4};

std::vector<float> pool(Pooling& pooling) {
  Tape tape(Tape::Recording::kOff);
  const Variable y = pooling.forward(tape, tape.constant(Tensor({4, 2}, kSteps)), kUnrolling);
  const std::span<const float> values = tape.value(y).values();
  return {values.begin(), values.end()};
}

std::vector<float> pool(Kind kind, std::vector<bool> backward = {false, false}) {
  Pooling pooling(kind, std::move(backward), 1, "pooling");
  return pool(pooling);
}

TEST(Pooling, ByHand) {
  EXPECT_EQ(pool(Kind::kLast), (std::vector<float>{2, 4, 0, 0, -1, 7}));
  EXPECT_EQ(pool(Kind::kMax), (std::vector<float>{3, 5, 0, 0, -1, 7}));
  EXPECT_EQ(pool(Kind::kMean)[0], 2.0F);
  EXPECT_NEAR(pool(Kind::kMean)[1], 7.0F / 3, 1e-6F);
  EXPECT_EQ(pool(Kind::kMean)[5], 7.0F);
}

TEST(Pooling, TheLastStepOfABackwardRecurrenceIsTheFirst) {
  EXPECT_EQ(pool(Kind::kLast, {false, true}), (std::vector<float>{2, 5, 0, 0, -1, 7}));
}

TEST(Pooling, AttentionByHand) {
  Pooling pooling(Kind::kAttention, {false, false}, 1, "pooling");
  const ParameterList& parameters = pooling.parameters();
  ASSERT_EQ(parameters.size(), 3U);
  // v . tanh(W x + b) = 2 tanh(x_0 / 2 + 1)
  parameters[0]->edit() = Tensor({2, 2}, std::vector<float>{0.5F, 0, 0, 0});
  parameters[1]->edit() = Tensor({2}, std::vector<float>{1, 0});
  parameters[2]->edit() = Tensor({1, 2}, std::vector<float>{2, 0});
  std::array<double, 3> weights{};
  double sum = 0;
  for (std::size_t t = 0; t < 3; ++t) {
    const std::array<double, 3> x = {1, 3, 2};
    sum += weights[t] = std::exp(2 * std::tanh(x[t] / 2 + 1));
  }
  const std::vector<float> y = pool(pooling);
  EXPECT_NEAR(y[0], (1 * weights[0] + 3 * weights[1] + 2 * weights[2]) / sum, 1e-5);
  EXPECT_NEAR(y[1], (5 * weights[0] - 2 * weights[1] + 4 * weights[2]) / sum, 1e-5);
  EXPECT_EQ(y[2], 0.0F);
  EXPECT_NEAR(y[4], -1.0F, 1e-6F);
}

TEST(Pooling, Gradients) {
  const Unrolling unrolling = Unrolling::ragged(std::array<Index, 4>{2, 4, 0, 3});
  for (const Kind kind : {Kind::kLast, Kind::kMax, Kind::kMean, Kind::kAttention}) {
    SCOPED_TRACE(pooling_name(kind));
    Pooling pooling(kind, {false, true, false}, 1, "pooling");
    const Network network = [&](Tape& tape, const std::vector<Variable>& x) {
      return pooling.forward(tape, x[0], unrolling);
    };
    EXPECT_LT(gradient_error({random_tensor({9, 3}, 5)}, network, pooling.parameters()), kGradientTolerance);
  }
}

TEST(Pooling, NamesAndErrors) {
  for (const char* name : {"last", "max", "mean", "attention"}) EXPECT_EQ(pooling_name(parse_pooling(name)), name);
  EXPECT_THROW(parse_pooling("sum"), UsageError);
  Pooling pooling(Kind::kMax, {false, false}, 1, "pooling");
  Tape tape;
  EXPECT_THROW(pooling.forward(tape, tape.constant(Tensor({3, 2})), kUnrolling), ContractError);
}

}  // namespace
}  // namespace unfold
