// The fused linear layer and softmax: against the two operations it is made of, and against central differences.
#include "tape/operations/linear_cross_entropy.h"

#include <gtest/gtest.h>

#include <cmath>
#include <numeric>

#include "base/thread_count_kept.h"
#include "tape/gradient_check.h"
#include "unfold/error.h"

namespace unfold {
namespace {

// Sums of some float32 products of size 1, added in different orders.
constexpr double kTolerance = 1e-5;

Parameter random_parameter(const std::string& name, const Shape& shape, std::uint64_t seed) {
  Parameter parameter(name, shape);
  parameter.edit() = random_tensor(shape, seed);
  return parameter;
}

/// Two blocks, one a range of rows with a bias, make a softmax over 3 + 4 symbols.
struct TwoBlocks {
  Parameter a = random_parameter("A", {6, 5}, 1);
  Parameter a_bias = random_parameter("a", {6}, 2);
  Parameter b = random_parameter("B", {4, 5}, 3);
  LinearWeights rows_of_a{a, &a_bias, {.first = 2, .count = 3}};
  LinearWeights all_of_b{b};
  LinearBlocks blocks = {&rows_of_a, &all_of_b};
  std::vector<std::int32_t> targets = {6, 0, 3, 2, 2, 5};
  Tensor x = random_tensor({6, 5}, 4);
};

TEST(LinearCrossEntropy, IsTheLinearLayerAndTheSoftmax) {
  TwoBlocks two;
  Tape tape(Tape::Recording::kOff);
  const Variable x = tape.constant(two.x);
  const std::array parts = {linear(tape, x, two.rows_of_a), linear(tape, x, two.all_of_b)};
  const Variable logits = concatenate(tape, parts);
  for (const double smoothing : {0.0, 0.3}) {
    double expected_nats = 0;
    const double expected = tape.value(softmax_cross_entropy(tape, logits, two.targets, smoothing, &expected_nats))[0];
    std::vector<double> nats(6);
    const Variable loss = linear_cross_entropy(tape, x, two.blocks, two.targets, 1.0 / 6, smoothing, nats);
    EXPECT_NEAR(tape.value(loss)[0], expected, kTolerance);
    EXPECT_NEAR(std::accumulate(nats.begin(), nats.end(), 0.0) / 6, expected_nats, kTolerance);
    std::vector<double> alone(6);
    linear_nats(two.x, two.blocks, two.targets, alone);
    EXPECT_EQ(alone, nats);
    const Tensor log_p = linear_log_softmax(two.x, two.blocks);
    for (Index n = 0; n < 6; ++n) {
      const auto at = static_cast<std::size_t>(n);
      EXPECT_NEAR(-log_p[n * 7 + two.targets[at]], nats[at], kTolerance);
    }
  }
}

TEST(LinearCrossEntropy, SmoothedLabelsAreCrossEntropyToAMixture) {
  TwoBlocks two;
  constexpr double kSmoothing = 0.3;
  const Tensor log_p = linear_log_softmax(two.x, two.blocks);
  double expected = 0;
  for (Index n = 0; n < 6; ++n) {
    for (Index v = 0; v < 7; ++v) {
      const bool is_target = v == two.targets[static_cast<std::size_t>(n)];
      expected -= (kSmoothing / 7 + (is_target ? 1 - kSmoothing : 0)) * static_cast<double>(log_p[n * 7 + v]);
    }
  }
  Tape tape(Tape::Recording::kOff);
  std::vector<double> nats(6);
  const Variable loss = linear_cross_entropy(tape, tape.constant(two.x), two.blocks, two.targets, 1, kSmoothing, nats);
  EXPECT_NEAR(tape.value(loss)[0], expected, 10 * kTolerance);
}

TEST(LinearCrossEntropy, Gradient) {
  TwoBlocks two;
  for (const double smoothing : {0.0, 0.3}) {
    const Network network = [&](Tape& tape, const std::vector<Variable>& x) {
      std::vector<double> nats(6);
      return linear_cross_entropy(tape, x[0], two.blocks, two.targets, 0.5, smoothing, nats);
    };
    EXPECT_LT(gradient_error({two.x}, network, {&two.a, &two.a_bias, &two.b}), kGradientTolerance) << smoothing;
  }
  // Rows of A outside the range take no part.
  for (Index i = 0; i < 10; ++i) EXPECT_EQ(two.a.gradient()[i], 0.0F);
}

TEST(LinearCrossEntropy, GradientOfSmoothedLogits) {
  const std::vector<std::int32_t> targets = {2, 0, 4, 1};
  const Network network = [&](Tape& tape, const std::vector<Variable>& x) {
    return softmax_cross_entropy(tape, x[0], targets, 0.2);
  };
  EXPECT_LT(gradient_error({random_tensor({4, 5}, 1)}, network), kGradientTolerance);
}

struct Gradients {
  double loss = 0;
  std::vector<float> all;
};

/// Of rows [begin, end) of a problem whose logits do not fit into one chunk.
Gradients large_gradients(Index begin, Index end) {
  constexpr Index kSymbols = 70000;
  Parameter w = random_parameter("W", {kSymbols, 2}, 1);
  LinearWeights weights(w);
  const Tensor whole = random_tensor({600, 2}, 2);
  const Tensor x({end - begin, 2}, whole.values().subspan(static_cast<std::size_t>(2 * begin),
                                                          static_cast<std::size_t>(2 * (end - begin))));
  std::vector<std::int32_t> targets;
  for (Index row = begin; row < end; ++row) targets.push_back(static_cast<std::int32_t>(row * 7919 % kSymbols));
  std::vector<double> nats(targets.size());
  Tape tape;
  const Variable leaf = tape.leaf(x);
  const Variable loss = linear_cross_entropy(tape, leaf, {&weights}, targets, 1, 0, nats);
  tape.backward(loss);
  Gradients result;
  result.loss = std::accumulate(nats.begin(), nats.end(), 0.0);
  for (const Tensor* part : {tape.gradient(leaf), &std::as_const(w).gradient()}) {
    result.all.insert(result.all.end(), part->values().begin(), part->values().end());
  }
  return result;
}

TEST(LinearCrossEntropy, ChunksOfRowsAddUp) {
  const Gradients whole = large_gradients(0, 600);
  const Gradients first = large_gradients(0, 384);
  const Gradients second = large_gradients(384, 600);
  EXPECT_NEAR(whole.loss, first.loss + second.loss, 1e-9 * whole.loss);
  std::vector<float> x = {first.all.begin(), first.all.begin() + 2 * 384};
  x.insert(x.end(), second.all.begin(), second.all.begin() + 2 * 216);
  EXPECT_TRUE(std::equal(x.begin(), x.end(), whole.all.begin()));
  for (std::size_t i = 0; i < 140000; ++i) {
    ASSERT_NEAR(whole.all[1200 + i], first.all[2 * 384 + i] + second.all[2 * 216 + i], kTolerance) << i;
  }
}

TEST(LinearCrossEntropy, GivesTheSameBitsOnAnyNumberOfThreads) {
  const ThreadCountKept kept;
  set_thread_count(1);
  const Gradients one = large_gradients(0, 300);
  set_thread_count(3);
  const Gradients three = large_gradients(0, 300);
  EXPECT_EQ(one.loss, three.loss);
  EXPECT_TRUE(one.all == three.all);
}

TEST(LinearCrossEntropy, RefusesWhatDoesNotFit) {
  TwoBlocks two;
  Tape tape;
  std::vector<double> nats(6);
  const Variable x = tape.leaf(two.x);
  EXPECT_THROW(linear_cross_entropy(tape, x, two.blocks, two.targets, 1, 1.0, nats), ContractError);
  EXPECT_THROW(linear_cross_entropy(tape, x, {}, two.targets, 1, 0, nats), ContractError);
  const std::vector<std::int32_t> outside = {6, 0, 3, 2, 2, 7};
  EXPECT_THROW(linear_cross_entropy(tape, x, two.blocks, outside, 1, 0, nats), ContractError);
  EXPECT_THROW(LinearWeights(two.a, nullptr, {.first = 4, .count = 3}), ContractError);
}

}  // namespace
}  // namespace unfold
