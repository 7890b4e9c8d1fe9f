// The arithmetic of linear chains against the enumeration of all labellings.
#include "layers/labels/linear_chain.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <functional>
#include <limits>

#include "base/random.h"
#include "unfold/labels.h"

namespace unfold {
namespace {

using testing::ElementsAre;

constexpr double kExact = 1e-9;  // sums of a few hundred doubles
constexpr double kImpossible = -std::numeric_limits<double>::infinity();
constexpr std::size_t K = 3;
constexpr std::size_t T = 5;

std::vector<double> normals(std::size_t count, std::uint64_t seed) {
  Random random(seed);
  std::vector<double> values(count);
  for (double& value : values) value = random.normal();
  return values;
}

ChainWeights random_weights(std::uint64_t seed) {
  return {.transitions = normals(K * K, seed), .start = normals(K, seed + 1), .end = normals(K, seed + 2)};
}

using Labelling = std::vector<std::int32_t>;

double score(const ChainWeights& weights, const std::vector<double>& scores, const Labelling& labels) {
  const auto at = [&](std::size_t t) { return static_cast<std::size_t>(labels[t]); };
  double sum = weights.start[at(0)] + weights.end[at(labels.size() - 1)];
  for (std::size_t t = 0; t < labels.size(); ++t) {
    sum += scores[t * K + at(t)];
    if (t > 0) sum += weights.transitions[at(t - 1) * K + at(t)];
  }
  return sum;
}

void for_each_labelling(std::size_t steps, const std::function<void(const Labelling&)>& use) {
  Labelling labels(steps);
  for (;;) {
    use(labels);
    std::size_t place = 0;
    while (place < steps && ++labels[place] == static_cast<std::int32_t>(K)) labels[place++] = 0;
    if (place == steps) return;
  }
}

bool agrees(const Labelling& labels, const Labelling& wanted) {
  for (std::size_t t = 0; t < labels.size(); ++t) {
    if (wanted[t] != Labels::kNone && wanted[t] != labels[t]) return false;
  }
  return true;
}

class LinearChain : public testing::TestWithParam<std::uint64_t> {
 protected:
  ChainWeights weights = random_weights(100 * GetParam());
  std::vector<double> scores = normals(T * K, 100 * GetParam() + 50);
};
INSTANTIATE_TEST_SUITE_P(Seeds, LinearChain, testing::Values(1, 2, 3, 4));

TEST_P(LinearChain, TheForwardAlgorithmIsTheSumOverAllLabellings) {
  double sum = 0;
  for_each_labelling(T, [&](const Labelling& labels) { sum += std::exp(score(weights, scores, labels)); });
  EXPECT_NEAR(log_sum(weights, scores), std::log(sum), kExact);
}

TEST_P(LinearChain, ExpectationsAreThoseOfTheEnumeration) {
  double sum = 0;
  std::vector<double> steps(T * K);
  std::vector<double> transitions(K * K);
  for_each_labelling(T, [&](const Labelling& labels) {
    const double weight = std::exp(score(weights, scores, labels));
    sum += weight;
    for (std::size_t t = 0; t < T; ++t) {
      const auto now = static_cast<std::size_t>(labels[t]);
      steps[t * K + now] += weight;
      if (t > 0) transitions[static_cast<std::size_t>(labels[t - 1]) * K + now] += weight;
    }
  });
  const ChainExpectation found = expectation(weights, scores);
  EXPECT_NEAR(found.log_sum, std::log(sum), kExact);
  for (std::size_t i = 0; i < steps.size(); ++i) EXPECT_NEAR(found.steps[i], steps[i] / sum, kExact);
  for (std::size_t i = 0; i < transitions.size(); ++i) EXPECT_NEAR(found.transitions[i], transitions[i] / sum, kExact);
}

TEST_P(LinearChain, ViterbiFindsTheBestLabelling) {
  double best = kImpossible;
  Labelling expected;
  for_each_labelling(T, [&](const Labelling& labels) {
    const double found = score(weights, scores, labels);
    if (found > best) expected = labels;
    best = std::max(best, found);
  });
  EXPECT_EQ(best_labelling(weights, scores), expected);
}

TEST_P(LinearChain, StepsWithoutALabelAreSummedOver) {
  const Labelling wanted = {Labels::kNone, 2, Labels::kNone, Labels::kNone, 0};
  double sum = 0;
  for_each_labelling(T, [&](const Labelling& labels) {
    if (agrees(labels, wanted)) sum += std::exp(score(weights, scores, labels));
  });
  EXPECT_NEAR(log_sum(weights, agreeing(scores, wanted)), std::log(sum), kExact);
  const Labelling all = {0, 2, 1, 1, 0};
  EXPECT_NEAR(log_sum(weights, agreeing(scores, all)), score(weights, scores, all), kExact);
}

TEST_P(LinearChain, TheExpectationIsTheGradientOfTheLogSum) {
  constexpr double kStep = 1e-5;
  constexpr double kTolerance = 1e-8;  // rounding of 1e-15 over the step, and the step's square
  const auto slope = [&](double& entry) {
    const double before = entry;
    entry = before + kStep;
    const double above = log_sum(weights, scores);
    entry = before - kStep;
    const double below = log_sum(weights, scores);
    entry = before;
    return (above - below) / (2 * kStep);
  };
  const ChainExpectation found = expectation(weights, scores);
  for (std::size_t i = 0; i < T * K; ++i) EXPECT_NEAR(slope(scores[i]), found.steps[i], kTolerance);
  for (std::size_t i = 0; i < K * K; ++i) EXPECT_NEAR(slope(weights.transitions[i]), found.transitions[i], kTolerance);
  for (std::size_t k = 0; k < K; ++k) {
    EXPECT_NEAR(slope(weights.start[k]), found.steps[k], kTolerance);
    EXPECT_NEAR(slope(weights.end[k]), found.steps[(T - 1) * K + k], kTolerance);
  }
}

TEST(LinearChain, ScoresOfAnySizeNeitherOverflowNorVanish) {
  ChainWeights weights{.transitions = std::vector<double>(K * K, -1e6), .start = {0, 0, 0}, .end = {0, 0, 0}};
  weights.transitions[0 * K + 1] = 1e6;
  const std::vector<double> scores = {1e9, 0, 0, 0, 1e9, 0, -1e9, -1e9, -2e9};
  const ChainExpectation found = expectation(weights, scores);
  constexpr double kRounding = 1e-6;  // doubles of size 1e9 are this far apart
  EXPECT_NEAR(found.log_sum, 1e9 + std::log(2.0), kRounding);
  EXPECT_THAT(best_labelling(weights, scores), ElementsAre(0, 1, 0));
  EXPECT_THAT(found.steps, testing::Pointwise(testing::DoubleNear(kRounding), {1.0, 0.0, 0.0,  //
                                                                               0.0, 1.0, 0.0,  //
                                                                               0.5, 0.5, 0.0}));
  const std::vector<double> largest(3 * K, 1e300);
  EXPECT_TRUE(std::isfinite(log_sum(weights, largest)));
}

TEST(LinearChain, NoStepsHaveOneLabelling) {
  const ChainWeights weights = random_weights(1);
  EXPECT_EQ(log_sum(weights, {}), 0);
  EXPECT_TRUE(best_labelling(weights, {}).empty());
  EXPECT_TRUE(expectation(weights, {}).steps.empty());
}

TEST(LinearChain, WhereNoLabellingIsPossibleTheSumIsNothing) {
  ChainWeights weights = random_weights(1);
  weights.start.assign(K, kImpossible);
  const std::vector<double> scores = normals(2 * K, 9);
  EXPECT_EQ(log_sum(weights, scores), kImpossible);
  EXPECT_THAT(expectation(weights, scores).steps, testing::Each(0.0));
}

}  // namespace
}  // namespace unfold
