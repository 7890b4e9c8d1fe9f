// What predictions of vectors cost, by hand; and what is drawn from them.
#include "layers/vectors/vector_output.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <cmath>
#include <limits>
#include <vector>

namespace unfold {
namespace {

using testing::ElementsAre;
using testing::FloatNear;

constexpr float kMissing = std::numeric_limits<float>::quiet_NaN();
constexpr double kRounding = 1e-6;

/// The loss of rows, which must be the mean of what each costs.
double loss_of(const VectorOutput& output, const Tensor& y, const Tensor& targets) {
  Tape tape;
  double cost = 0;
  const Variable loss = output.loss(tape, tape.leaf(y), targets, cost);
  EXPECT_NEAR(tape.value(loss)[0], cost, kRounding);
  double sum = 0;
  const auto row = [](const Tensor& all, Index n) {
    const auto width = static_cast<std::size_t>(all.shape()[1]);
    return all.values().subspan(static_cast<std::size_t>(n) * width, width);
  };
  for (Index n = 0; n < y.shape()[0]; ++n) sum += output.cost(row(y, n), row(targets, n));
  EXPECT_NEAR(cost, sum / static_cast<double>(y.shape()[0]), kRounding);
  return cost;
}

TEST(VectorOutput, SquaredErrorIsTheMeanOverTheNumbers) {
  const auto output = make_squared_output(2);
  const Tensor y({2, 2}, std::vector<float>{1, 2, 3, -1});
  EXPECT_NEAR(loss_of(*output, y, Tensor({2, 2}, std::vector<float>{0, 2, 1, 1})), (1 + 0 + 4 + 4) / 4.0, kRounding);
  EXPECT_NEAR(loss_of(*output, y, Tensor({2, 2}, std::vector<float>{0, kMissing, 1, 1})), (1 + 4 + 4) / 4.0, kRounding);
}

TEST(VectorOutput, BernoulliAddsTheBitsOfAStep) {
  const auto output = make_bernoulli_output(3);
  const float z = std::log(3.0F);  // p = 3/4
  const Tensor y({1, 3}, std::vector<float>{z, z, 0});
  const double right = -std::log(0.75);
  const double wrong = -std::log(0.25);
  EXPECT_NEAR(loss_of(*output, y, Tensor({1, 3}, std::vector<float>{1, 0, 1})), right + wrong + std::log(2.0),
              kRounding);
  EXPECT_NEAR(loss_of(*output, y, Tensor({1, 3}, std::vector<float>{1, kMissing, 1})), right + std::log(2.0),
              kRounding);
  // A certain mistake costs what its logit says, not infinity.
  EXPECT_NEAR(loss_of(*output, Tensor({1, 3}, std::vector<float>{-200, -200, 200}),
                      Tensor({1, 3}, std::vector<float>{1, 0, 1})),
              200, 1e-4);
  EXPECT_NEAR(output->uninformed(), 3 * std::log(2.0), kRounding);
}

TEST(VectorOutput, CategoricalIsTheCrossEntropy) {
  const auto output = make_categorical_output(3, 0);
  const Tensor y({2, 3}, std::vector<float>{std::log(1.0F), std::log(2.0F), std::log(5.0F), 0, 0, 0});
  EXPECT_NEAR(loss_of(*output, y, Tensor({2, 1}, std::vector<float>{1, 2})),
              (-std::log(2.0 / 8) - std::log(1.0 / 3)) / 2, kRounding);
  std::vector<float> p(3);
  output->probabilities(y.values().first(3), p);
  EXPECT_THAT(p, ElementsAre(FloatNear(0.125F, 1e-6F), FloatNear(0.25F, 1e-6F), FloatNear(0.625F, 1e-6F)));
}

TEST(VectorOutput, MissingTargetsHaveNoGradient) {
  for (const auto& output : {make_squared_output(2), make_bernoulli_output(2)}) {
    Tape tape;
    double cost = 0;
    const Variable y = tape.leaf(Tensor({1, 2}, std::vector<float>{0.5F, 0.5F}));
    tape.backward(output->loss(tape, y, Tensor({1, 2}, std::vector<float>{kMissing, 1}), cost));
    EXPECT_EQ((*tape.gradient(y))[0], 0);
    EXPECT_LT((*tape.gradient(y))[1], 0);
  }
}

TEST(VectorOutput, DrawsAsOftenAsTheProbabilitiesSay) {
  constexpr int kDraws = 20000;
  constexpr double kFiveDeviations = 5 * 0.5 / 141.4;  // of a share of 20,000 draws, at most
  Random random(7);
  const std::array<float, 3> logits = {std::log(1.0F), std::log(2.0F), std::log(5.0F)};
  std::array<double, 3> symbols = {};
  std::array<double, 3> ones = {};
  double sum = 0;
  double squares = 0;
  for (int i = 0; i < kDraws; ++i) {
    std::array<float, 1> symbol = {};
    make_categorical_output(3, 0)->sample(logits, {}, random, symbol);
    ++symbols[static_cast<std::size_t>(symbol[0])];
    std::array<float, 3> bits = {};
    make_bernoulli_output(3)->sample(logits, {}, random, bits);
    for (std::size_t k = 0; k < 3; ++k) ones[k] += static_cast<double>(bits[k]);
    std::array<float, 1> number = {};
    make_squared_output(1)->sample(std::array<float, 1>{4}, std::array<float, 1>{0.5F}, random, number);
    sum += number[0];
    squares += (number[0] - 4) * (number[0] - 4);
  }
  const std::array<double, 3> weights = {1, 2, 5};
  for (std::size_t k = 0; k < 3; ++k) {
    EXPECT_NEAR(symbols[k] / kDraws, weights[k] / 8, kFiveDeviations);
    EXPECT_NEAR(ones[k] / kDraws, weights[k] / (1 + weights[k]), kFiveDeviations);
  }
  EXPECT_NEAR(sum / kDraws, 4, kFiveDeviations);
  EXPECT_NEAR(std::sqrt(squares / kDraws), 0.5, kFiveDeviations);
}

TEST(VectorOutput, TheBestIsTheMostProbable) {
  std::array<float, 2> bits = {};
  make_bernoulli_output(2)->best(std::array<float, 2>{0.1F, -0.1F}, bits);
  EXPECT_THAT(bits, ElementsAre(1, 0));
  std::array<float, 1> symbol = {};
  make_categorical_output(3, 0)->best(std::array<float, 3>{0, 2, 1}, symbol);
  EXPECT_THAT(symbol, ElementsAre(1));
}

}  // namespace
}  // namespace unfold
