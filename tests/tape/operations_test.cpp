// Every operation: its value, its gradient against central differences, its errors, and independence of threads.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <cmath>

#include "base/random.h"
#include "base/thread_count_kept.h"
#include "tape/gradient_check.h"
#include "tape/operations/linear.h"
#include "tape/operations/select_windows.h"
#include "unfold/error.h"

namespace unfold {
namespace {

Parameter random_parameter(const std::string& name, const Shape& shape, std::uint64_t seed) {
  Parameter parameter(name, shape);
  parameter.edit() = random_tensor(shape, seed);
  return parameter;
}

TEST(Operations, AddAndMultiply) {
  const std::vector<Tensor> leaves = {random_tensor({3, 5}, 1), random_tensor({3, 5}, 2)};
  const Network sum = [](Tape& tape, const std::vector<Variable>& x) { return add(tape, x[0], x[1]); };
  const Network product = [](Tape& tape, const std::vector<Variable>& x) { return multiply(tape, x[0], x[1]); };
  EXPECT_LT(gradient_error(leaves, sum), kGradientTolerance);
  EXPECT_LT(gradient_error(leaves, product), kGradientTolerance);

  Tape tape;
  EXPECT_THROW(add(tape, tape.leaf(Tensor({2})), tape.leaf(Tensor({3}))), ContractError);
  EXPECT_THROW(multiply(tape, tape.leaf(Tensor({2})), tape.leaf(Tensor({2, 1}))), ContractError);
}

TEST(Operations, Concatenate) {
  Tape tape;
  const std::array parts = {tape.constant(Tensor({2, 1}, std::array{1.0F, 4.0F})),
                            tape.constant(Tensor({2, 2}, std::array{2.0F, 3.0F, 5.0F, 6.0F}))};
  const Tensor& y = tape.value(concatenate(tape, parts));
  EXPECT_EQ(y.shape(), (Shape{2, 3}));
  for (Index i = 0; i < 6; ++i) EXPECT_EQ(y[i], static_cast<float>(i + 1));

  const Network network = [](Tape& t, const std::vector<Variable>& x) { return concatenate(t, x); };
  EXPECT_LT(gradient_error({random_tensor({3, 5}, 1), random_tensor({3, 2}, 2)}, network), kGradientTolerance);
  const std::array uneven = {tape.constant(Tensor({2, 1})), tape.constant(Tensor({3, 1}))};
  EXPECT_THROW(concatenate(tape, uneven), ContractError);
}

TEST(Operations, Columns) {
  Tape tape;
  const Variable x = tape.constant(Tensor({2, 3}, std::array{1.0F, 2.0F, 3.0F, 4.0F, 5.0F, 6.0F}));
  const Tensor& y = tape.value(columns(tape, x, 1, 3));
  EXPECT_EQ(y.shape(), (Shape{2, 2}));
  EXPECT_EQ(y[0], 2.0F);
  EXPECT_EQ(y[3], 6.0F);
  const Network network = [](Tape& t, const std::vector<Variable>& v) { return columns(t, v[0], 1, 3); };
  EXPECT_LT(gradient_error({random_tensor({3, 4}, 1)}, network), kGradientTolerance);
  EXPECT_THROW(columns(tape, x, 2, 2), ContractError);
  EXPECT_THROW(columns(tape, x, 0, 4), ContractError);
}

TEST(Operations, SumAndMean) {
  Tape tape;
  const Variable x = tape.constant(Tensor({2, 2}, std::array{1.0F, 2.0F, 3.0F, 6.0F}));
  EXPECT_EQ(tape.value(sum(tape, x))[0], 12.0F);
  EXPECT_EQ(tape.value(mean(tape, x))[0], 3.0F);
  EXPECT_THROW(mean(tape, tape.constant(Tensor({0, 3}))), ContractError);
  const Network network = [](Tape& t, const std::vector<Variable>& v) { return add(t, sum(t, v[0]), mean(t, v[0])); };
  EXPECT_LT(gradient_error({random_tensor({3, 5}, 1)}, network), kGradientTolerance);
}

TEST(Operations, RowsOfOneKeyShareTheirMask) {
  Tape tape;
  Tensor ones({4, 50});
  ones.fill(1);
  const std::vector<std::uint64_t> keys = {5, 6, 5, 6};
  const Tensor& y = tape.value(dropout(tape, tape.constant(ones), 0.5, keys));
  EXPECT_TRUE(std::equal(y.data(), y.data() + 100, y.data() + 100));
  EXPECT_FALSE(std::equal(y.data(), y.data() + 50, y.data() + 50));
}

TEST(Operations, SubtractAndScale) {
  const std::vector<Tensor> leaves = {random_tensor({3, 5}, 1), random_tensor({3, 5}, 2)};
  const Network network = [](Tape& tape, const std::vector<Variable>& x) {
    return subtract(tape, scale(tape, x[0], -2.5), x[1]);
  };
  EXPECT_LT(gradient_error(leaves, network), kGradientTolerance);
  Tape tape;
  const Variable x = tape.leaf(leaves[0]);
  EXPECT_EQ(tape.value(subtract(tape, x, scale(tape, x, 3)))[4], leaves[0][4] - 3 * leaves[0][4]);
  EXPECT_THROW(subtract(tape, x, tape.leaf(Tensor({3}))), ContractError);
}

TEST(Operations, MeanSquare) {
  Tape tape;
  EXPECT_EQ(tape.value(mean_square(tape, tape.constant(Tensor({2, 2}, std::array{1.0F, -2.0F, 3.0F, 0.0F}))))[0], 3.5F);
  EXPECT_EQ(tape.value(mean_square(tape, tape.constant(Tensor({0, 2}))))[0], 0.0F);
  const Network network = [](Tape& t, const std::vector<Variable>& v) { return mean_square(t, v[0]); };
  EXPECT_LT(gradient_error({random_tensor({3, 5}, 1)}, network), kGradientTolerance);
}

TEST(Operations, ScaleRows) {
  const std::vector<float> factors = {2.0F, 0.0F, -1.0F};
  const Network network = [&](Tape& t, const std::vector<Variable>& v) { return scale_rows(t, v[0], factors); };
  EXPECT_LT(gradient_error({random_tensor({3, 5}, 1)}, network), kGradientTolerance);
  Tape tape;
  const Tensor x = random_tensor({3, 5}, 1);
  const Tensor& y = tape.value(network(tape, {tape.constant(x)}));
  EXPECT_EQ(y[2], 2 * x[2]);
  EXPECT_EQ(y[5 + 1], 0.0F);
  EXPECT_EQ(y[10 + 1], -x[10 + 1]);
  EXPECT_THROW(scale_rows(tape, tape.constant(x), std::span(factors).first(2)), ContractError);
}

TEST(Operations, OneHot) {
  Tape tape;
  const std::vector<std::int32_t> tokens = {2, 0};
  const Tensor& y = tape.value(one_hot(tape, tokens, 3));
  const Tensor expected({2, 3}, std::array{0.0F, 0.0F, 1.0F, 1.0F, 0.0F, 0.0F});
  EXPECT_TRUE(std::equal(expected.values().begin(), expected.values().end(), y.data()));
}

TEST(Operations, DropoutKeepsTheMeanAndItsMaskFollowsTheKey) {
  constexpr double kRate = 0.3;
  Tape tape;
  Tensor ones({100, 1000});
  ones.fill(1);
  const Variable x = tape.leaf(ones);
  const auto keys = [](std::size_t rows, std::uint64_t key) {
    std::vector<std::uint64_t> result(rows);
    for (std::size_t row = 0; row < rows; ++row) result[row] = combine(key, row);
    return result;
  };
  const Variable y = dropout(tape, x, kRate, keys(100, 7));
  Index dropped = 0;
  for (const float value : tape.value(y).values()) {
    EXPECT_TRUE(value == 0.0F || value == static_cast<float>(1.0 / (1.0 - kRate)));
    dropped += value == 0.0F ? 1 : 0;
  }
  // 5 deviations of a binomial with n = 100000, p = 0.3.
  EXPECT_NEAR(static_cast<double>(dropped), 30000.0, 5 * std::sqrt(100000 * 0.3 * 0.7));

  const Tensor again = tape.value(dropout(tape, x, kRate, keys(100, 7)));
  const Tensor other = tape.value(dropout(tape, x, kRate, keys(100, 8)));
  EXPECT_TRUE(std::equal(again.values().begin(), again.values().end(), tape.value(y).data()));
  EXPECT_FALSE(std::equal(other.values().begin(), other.values().end(), tape.value(y).data()));
  EXPECT_THROW(dropout(tape, x, 1.0, keys(100, 7)), ContractError);
  EXPECT_THROW(dropout(tape, x, kRate, keys(99, 7)), ContractError);

  const Network network = [&](Tape& t, const std::vector<Variable>& v) { return dropout(t, v[0], kRate, keys(3, 3)); };
  EXPECT_LT(gradient_error({random_tensor({3, 5}, 1)}, network), kGradientTolerance);
}

TEST(Operations, SelectRowsAddsUpWhatWasChosenTwice) {
  const std::array<Index, 4> rows = {2, 0, 2, 1};
  Tape tape;
  const Variable x = tape.constant(Tensor({3, 2}, std::array{1.0F, 2.0F, 3.0F, 4.0F, 5.0F, 6.0F}));
  const Tensor& y = tape.value(select_rows(tape, x, rows));
  EXPECT_EQ(y.shape(), (Shape{4, 2}));
  EXPECT_EQ(y[0], 5.0F);
  EXPECT_EQ(y[3], 2.0F);
  const Network network = [&](Tape& t, const std::vector<Variable>& v) { return select_rows(t, v[0], rows); };
  EXPECT_LT(gradient_error({random_tensor({3, 5}, 1)}, network), kGradientTolerance);
  const std::array<Index, 1> outside = {3};
  EXPECT_THROW(select_rows(tape, x, outside), ContractError);
}

TEST(Operations, SelectWindowsPutsRowsSideBySide) {
  const std::array<Index, 6> rows = {-1, 0, 2, 2, 1, -1};
  Tape tape;
  const Variable x = tape.constant(Tensor({3, 2}, std::array{1.0F, 2.0F, 3.0F, 4.0F, 5.0F, 6.0F}));
  const Tensor& y = tape.value(select_windows(tape, x, rows, 3));
  EXPECT_EQ(y.shape(), (Shape{2, 6}));
  EXPECT_THAT(y.values(), testing::ElementsAre(0, 0, 1, 2, 5, 6, 5, 6, 3, 4, 0, 0));
  const Network network = [&](Tape& t, const std::vector<Variable>& v) { return select_windows(t, v[0], rows, 3); };
  EXPECT_LT(gradient_error({random_tensor({3, 5}, 1)}, network), kGradientTolerance);
  EXPECT_THROW(select_windows(tape, x, rows, 4), ContractError);
  const std::array<Index, 1> outside = {-2};
  EXPECT_THROW(select_windows(tape, x, outside, 1), ContractError);
}

TEST(Operations, SquaredErrorIsAMeanOverRowsOfSums) {
  Tape tape;
  const Tensor targets({2, 2}, std::array{0.0F, 1.0F, 2.0F, 0.0F});
  const Variable y = tape.constant(Tensor({2, 2}, std::array{1.0F, 1.0F, 0.0F, 3.0F}));
  EXPECT_EQ(tape.value(squared_error(tape, y, targets))[0], (1.0F + 4.0F + 9.0F) / 2);
  const Network network = [&](Tape& t, const std::vector<Variable>& v) { return squared_error(t, v[0], targets); };
  EXPECT_LT(gradient_error({random_tensor({2, 2}, 1)}, network), kGradientTolerance);
  EXPECT_THROW(squared_error(tape, y, Tensor({2, 3})), ContractError);
  EXPECT_THROW(squared_error(tape, tape.constant(Tensor({0, 2})), Tensor({0, 2})), ContractError);
}

TEST(Operations, BernoulliCrossEntropyHoldsForLargeLogits) {
  Tape tape;
  const Tensor targets({3, 1}, std::array{1.0F, 0.0F, 1.0F});
  const Variable z = tape.constant(Tensor({3, 1}, std::array{0.0F, -200.0F, -200.0F}));
  // log 2, then certain and right (0), then certain and wrong (200)
  EXPECT_NEAR(tape.value(bernoulli_cross_entropy(tape, z, targets))[0], (std::log(2.0) + 200) / 3, 1e-5);
  const Network network = [&](Tape& t, const std::vector<Variable>& v) {
    return bernoulli_cross_entropy(t, v[0], targets);
  };
  EXPECT_LT(gradient_error({random_tensor({3, 1}, 1)}, network), kGradientTolerance);
}

TEST(Operations, Embedding) {
  Parameter table = random_parameter("table", {4, 3}, 1);
  const std::vector<std::int32_t> tokens = {2, 0, 2, 1, 2};
  Tape tape;
  const Tensor& rows = tape.value(embedding(tape, table, tokens));
  EXPECT_EQ(rows.shape(), (Shape{5, 3}));
  EXPECT_EQ(rows[3 * 2 + 1], table.value()[3 * 2 + 1]);

  const Network network = [&](Tape& t, const std::vector<Variable>&) { return embedding(t, table, tokens); };
  EXPECT_LT(gradient_error({}, network, {&table}), kGradientTolerance);
  const std::vector<std::int32_t> outside = {0, 4};
  EXPECT_THROW(embedding(tape, table, outside), ContractError);
}

TEST(Operations, Linear) {
  Parameter w = random_parameter("W", {5, 3}, 1);
  Parameter b = random_parameter("b", {5}, 2);
  LinearWeights with_bias(w, &b);
  LinearWeights without_bias(w);
  const std::vector<Tensor> x = {random_tensor({7, 3}, 3)};
  const Network network = [&](Tape& t, const std::vector<Variable>& v) { return linear(t, v[0], with_bias); };
  const Network plain = [&](Tape& t, const std::vector<Variable>& v) { return linear(t, v[0], without_bias); };
  EXPECT_LT(gradient_error(x, network, {&w, &b}), kGradientTolerance);
  EXPECT_LT(gradient_error(x, plain, {&w}), kGradientTolerance);

  Tape tape;
  const Tensor& y = tape.value(linear(tape, tape.constant(x[0]), with_bias));
  for (Index n = 0; n < 7; ++n) {
    for (Index o = 0; o < 5; ++o) {
      double expected = b.value()[o];
      for (Index i = 0; i < 3; ++i) expected += static_cast<double>(x[0][n * 3 + i]) * w.value()[o * 3 + i];
      EXPECT_NEAR(y[n * 5 + o], expected, 1e-5);  // a few roundings of float32 values below 10
    }
  }
  EXPECT_THROW(linear(tape, tape.constant(Tensor({7, 4})), with_bias), ContractError);
  EXPECT_THROW(LinearWeights(w, &w), ContractError);
}

TEST(Operations, LinearFollowsChangesOfItsWeights) {
  Parameter w = random_parameter("W", {5, 3}, 1);
  LinearWeights weights(w);
  Tape tape;
  const Variable x = tape.constant(random_tensor({7, 3}, 3));
  const Tensor before = tape.value(linear(tape, x, weights));
  for (float& value : w.edit().values()) value *= 2;
  const Tensor& after = tape.value(linear(tape, x, weights));
  for (Index i = 0; i < before.count(); ++i) EXPECT_EQ(after[i], 2 * before[i]);
}

TEST(Operations, LinearGivesTheSameBitsOnAnyNumberOfThreads) {
  const auto run = [](int threads) {
    set_thread_count(threads);
    Parameter w = random_parameter("W", {150, 140}, 1);
    Parameter b = random_parameter("b", {150}, 2);
    LinearWeights weights(w, &b);
    Tape tape;
    const Variable x = tape.leaf(random_tensor({600, 140}, 3));
    const Variable y = linear(tape, x, weights);
    tape.backward(y, random_tensor({600, 150}, 4));
    std::vector<float> bits;
    const std::array<const Tensor*, 4> parts = {&tape.value(y), tape.gradient(x), &w.gradient(), &b.gradient()};
    for (const Tensor* part : parts) {
      bits.insert(bits.end(), part->values().begin(), part->values().end());
    }
    return bits;
  };
  const ThreadCountKept kept;
  const std::vector<float> one = run(1);
  const std::vector<float> three = run(3);
  EXPECT_TRUE(one == three);
}

TEST(Operations, SoftmaxCrossEntropy) {
  const std::vector<std::int32_t> targets = {2, 0, 4, 1};
  const Network of_leaf = [&](Tape& tape, const std::vector<Variable>& x) {
    return softmax_cross_entropy(tape, x[0], targets);
  };
  const Network of_result = [&](Tape& tape, const std::vector<Variable>& x) {
    return softmax_cross_entropy(tape, add(tape, x[0], x[0]), targets);
  };
  EXPECT_LT(gradient_error({random_tensor({4, 5}, 1)}, of_leaf), kGradientTolerance);
  EXPECT_LT(gradient_error({random_tensor({4, 5}, 1)}, of_result), kGradientTolerance);

  Tape tape(Tape::Recording::kOff);
  const Tensor logits = random_tensor({4, 5}, 1);
  double expected = 0;
  for (Index n = 0; n < 4; ++n) {
    double total = 0;
    for (Index v = 0; v < 5; ++v) total += std::exp(static_cast<double>(logits[n * 5 + v]));
    expected += std::log(total) - logits[n * 5 + targets[static_cast<std::size_t>(n)]];
  }
  const Variable loss = softmax_cross_entropy(tape, tape.constant(logits), targets);
  EXPECT_NEAR(tape.value(loss)[0], expected / 4, 1e-6);  // rounding of a float32 near 1
}

TEST(Operations, SoftmaxCrossEntropyStandsLargeLogits) {
  Tape tape(Tape::Recording::kOff);
  const std::vector<std::int32_t> targets = {1};
  const Variable logits = tape.constant(Tensor({1, 2}, std::array{1000.0F, 990.0F}));
  EXPECT_NEAR(tape.value(softmax_cross_entropy(tape, logits, targets))[0], 10.0000454, 1e-4);
}

TEST(Operations, SoftmaxCrossEntropyRefusesWhatDoesNotFit) {
  Tape tape;
  const Variable logits = tape.leaf(Tensor({2, 3}));
  const std::vector<std::int32_t> too_few = {1};
  const std::vector<std::int32_t> outside = {1, 3};
  EXPECT_THROW(softmax_cross_entropy(tape, logits, too_few), ContractError);
  EXPECT_THROW(softmax_cross_entropy(tape, logits, outside), ContractError);
}

TEST(Operations, TheLossConsumesTheLogits) {
  Tape tape;
  const std::vector<std::int32_t> targets = {1, 0};
  const Variable x = tape.leaf(random_tensor({2, 3}, 1));
  const Variable logits = add(tape, x, x);
  const Variable loss = softmax_cross_entropy(tape, logits, targets);
  EXPECT_THROW(tape.value(logits), ContractError);
  tape.backward(loss);
  EXPECT_NE(tape.gradient(x), nullptr);
}

}  // namespace
}  // namespace unfold
