#include "recurrence/graph/composites.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "recurrence/cell_text.h"
#include "recurrence/evaluate_step.h"

namespace unfold::recurrence {
namespace {

using ::testing::DoubleNear;
using ::testing::HasSubstr;
using ::testing::Pointwise;

// Rounding of a few operations on doubles of order one.
constexpr double kTolerance = 1e-12;

const Vector kX = {0.5, -2, 4};

// The value of an expression in x.
Vector value(const std::string& expression) {
  const Graph graph = graph_of("cell c\ninput x\nstate h\nh' = h + 0 * sum(x)\noutput " + expression);
  return evaluate_output(graph, {{"x", kX}});
}

void expect_elementwise(const std::string& expression, double (*expected)(double)) {
  Vector expectation;
  for (const double x : kX) expectation.push_back(expected(x));
  EXPECT_THAT(value(expression), Pointwise(DoubleNear(kTolerance), expectation)) << expression;
}

TEST(Composites, Elementwise) {
  expect_elementwise("abs(x)", [](double x) { return std::abs(x); });
  expect_elementwise("square(x)", [](double x) { return x * x; });
  expect_elementwise("silu(x)", [](double x) { return x / (1 + std::exp(-x)); });
  expect_elementwise("softplus(x)", [](double x) { return std::log1p(std::exp(x)); });
  expect_elementwise("hard_sigmoid(x)", [](double x) { return std::clamp(x / 6 + 0.5, 0.0, 1.0); });
  expect_elementwise("clip(x, -1, 0.25 + 0.5)", [](double x) { return std::clamp(x, -1.0, 0.75); });
  expect_elementwise("stop_gradient(x) + clip_gradient(x, 1)", [](double x) { return 2 * x; });
  expect_elementwise("max(x, 1)", [](double x) { return std::max(x, 1.0); });
  expect_elementwise("min(x, 1)", [](double x) { return std::min(x, 1.0); });
}

TEST(Composites, GeluIsCloseToItsDefinition) {
  const Vector found = value("gelu(x)");
  for (std::size_t i = 0; i < kX.size(); ++i) {
    const double expected = kX[i] / 2 * (1 + std::erf(kX[i] / std::sqrt(2.0)));
    EXPECT_NEAR(found[i], expected, 1e-3);  // the error of the tanh form
  }
}

TEST(Composites, Powers) {
  expect_elementwise("x ^ 2", [](double x) { return x * x; });
  expect_elementwise("x ^ 5", [](double x) { return x * x * x * x * x; });
  expect_elementwise("x ^ 1", [](double x) { return x; });
  expect_elementwise("x ^ 0", [](double) { return 1.0; });
  expect_elementwise("x ^ -3", [](double x) { return 1 / (x * x * x); });
  expect_elementwise("abs(x) ^ 0.5", [](double x) { return std::sqrt(std::abs(x)); });
  expect_elementwise("2 ^ x", [](double x) { return std::exp2(x); });
  expect_elementwise("x * 2 ^ 0.5", [](double x) { return x * std::sqrt(2.0); });
}

TEST(Composites, Reductions) {
  EXPECT_NEAR(value("sum(x)")[0], 2.5, kTolerance);
  EXPECT_NEAR(value("mean(x)")[0], 2.5 / 3, kTolerance);
  EXPECT_NEAR(value("max(x)")[0], 4, kTolerance);
  EXPECT_NEAR(value("min(x)")[0], -2, kTolerance);
  EXPECT_NEAR(value("dot(x, x)")[0], 20.25, kTolerance);
}

TEST(Composites, Softmax) {
  const Vector found = value("softmax(x)");
  const double sum = std::exp(0.5) + std::exp(-2) + std::exp(4);
  for (std::size_t i = 0; i < kX.size(); ++i) EXPECT_NEAR(found[i], std::exp(kX[i]) / sum, kTolerance);
  EXPECT_NEAR(value("softmax(1000 * x)")[2], 1, kTolerance);
}

TEST(Composites, LayerNormStandardises) {
  const Vector found = value("layer_norm(x)");
  const double mean = 2.5 / 3;
  double variance = 0;
  for (const double x : kX) variance += (x - mean) * (x - mean) / 3;
  for (std::size_t i = 0; i < kX.size(); ++i) {
    EXPECT_NEAR(found[i], (kX[i] - mean) / std::sqrt(variance + 1e-5), kTolerance);
  }
}

TEST(Composites, NumbersAreComputedWhenBuilt) {
  const Graph graph = graph_of(stepping("h * (2 * 3 - sqrt(4) ^ 2 / 8) + U x"));
  int numbers = 0;
  for (const Node& node : graph.nodes) {
    if (node.op != Op::kNumber) continue;
    ++numbers;
    EXPECT_EQ(node.number, 5.5);
  }
  EXPECT_EQ(numbers, 1);
  EXPECT_THAT(error_of(stepping("h / (1 / 0) + U x")), HasSubstr("test.cell:4:13: this is not a finite number"));
  EXPECT_THAT(error_of(stepping("h * log(0) + U x")), HasSubstr("not a finite number"));
  EXPECT_THAT(error_of(stepping("h * 10 ^ 39 + U x")), HasSubstr("not a finite number"));
}

TEST(Composites, ClipGradientNeedsANumber) {
  EXPECT_THAT(error_of(stepping("clip_gradient(h, sum(x))")), HasSubstr("not a number above zero"));
  EXPECT_THAT(error_of(stepping("clip_gradient(h, -1) + U x")), HasSubstr("not a number above zero"));
}

}  // namespace
}  // namespace unfold::recurrence
