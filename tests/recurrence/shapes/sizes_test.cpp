#include "recurrence/shapes/sizes.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "recurrence/cell_text.h"

namespace unfold::recurrence {
namespace {

using ::testing::HasSubstr;

Shape shape_of(const Graph& graph, const std::string& parameter) {
  for (const auto& known : graph.parameters) {
    if (known.name == parameter) return known.shape;
  }
  return {};
}

TEST(Sizes, OfParametersFollowFromHiddenAndInput) {
  const Graph graph = graph_of(stepping("tanh(W h + U x + b)"));
  EXPECT_EQ(shape_of(graph, "W"), (Shape{5, 5}));
  EXPECT_EQ(shape_of(graph, "U"), (Shape{5, 3}));
  EXPECT_EQ(shape_of(graph, "b"), (Shape{5}));
}

TEST(Sizes, FlowBackwards) {
  const Graph graph = graph_of(
      "cell c\ninput x\nstate h, s[2 * hidden - 1]\nu = W_1 x\nv = tanh(u) + b_1\n"
      "s' = s + v\nh' = h + W_2 [v, h, 1]\noutput h'");
  EXPECT_EQ(shape_of(graph, "W_1"), (Shape{9, 3}));
  EXPECT_EQ(shape_of(graph, "W_2"), (Shape{5, 15}));
}

TEST(Sizes, ThroughConcatenationsAndSlices) {
  const Graph graph = graph_of(
      "cell c\ninput x\nstate h\na[2 * hidden + input] = [W_1 x, h, x]\n"
      "h' = h + a[0:hidden] * a[hidden:2 * hidden]\noutput [h', a[2 * hidden:]]");
  EXPECT_EQ(shape_of(graph, "W_1"), (Shape{5, 3}));
  EXPECT_EQ(graph[graph.output].size(), 8);
}

TEST(Sizes, AnUnknownPartOfAConcatenation) {
  const Graph graph = graph_of("cell c\ninput x\nstate h\nh' = tanh([W_1 x, h[0:2]] + h)\noutput h'");
  EXPECT_EQ(shape_of(graph, "W_1"), (Shape{3, 3}));
}

TEST(Sizes, TheRestOfAVector) {
  const Graph graph = graph_of("cell c\ninput x\nstate h\nu = W_1 x\nh' = h + u[2:]\noutput h'");
  EXPECT_EQ(shape_of(graph, "W_1"), (Shape{7, 3}));
}

TEST(Sizes, OnlyScalarsBroadcast) {
  const std::string scalars =
      "cell c\ninput x\nstate h, k[1]\nparam p[1]\ns[1] = W_1 x\nk' = k + s\n"
      "h' = h * sum(x) + 2 * p * k + s - h[hidden - 1:hidden] + k' * U x\noutput h'";
  EXPECT_EQ(error_of(scalars), "no error");
  EXPECT_EQ(error_of(scalars, {1, 1, 1}), "no error");
  EXPECT_EQ(shape_of(graph_of(scalars), "U"), (Shape{5, 3}));
  EXPECT_THAT(error_of(stepping("h + x")), HasSubstr("test.cell:4:8: the sizes do not agree"));
  EXPECT_THAT(error_of(stepping("h + x")), HasSubstr("found: 5 (the state 'h') and 3 (the input 'x')"));
}

TEST(Sizes, AScalarFillsAVector) {
  const Graph graph = graph_of("cell c\ninput x\nstate h\nu[hidden] = 2\nh' = h * u + sum(x)\noutput h'");
  EXPECT_EQ(graph[graph.next[0]].size(), 5);
  EXPECT_EQ(error_of("cell c\ninput x\nstate h\nh' = sum(x) + sum(h)\noutput h'"), "no error");
}

TEST(Sizes, TwoShapesForOneParameter) {
  const std::string message = error_of("cell c\ninput x\nstate h\nu = W h\nh' = tanh(u + W x)\noutput h'");
  EXPECT_THAT(message, HasSubstr("test.cell:5:15: two shapes for the parameter 'W'"));
  EXPECT_THAT(message, HasSubstr("expected: [5, 5], as at 4:5"));
  EXPECT_THAT(message, HasSubstr("found: [5, 3]"));
  EXPECT_THAT(error_of("cell c\ninput x\nstate h\nparam P[hidden, hidden]\nh' = h + P x\noutput h'"),
              HasSubstr("expected: [5, 5], as at 4:7\n  found: [5, 3]"));
  EXPECT_THAT(error_of("cell c\ninput x\nstate h\nh' = h + b + U (x * b)\noutput h'"),
              HasSubstr("two shapes for the parameter 'b'"));
}

TEST(Sizes, LeftOpen) {
  const std::string message = error_of("cell c\ninput x\nstate h\nu = tanh(W_1 x)\nh' = W_2 u + h\noutput h'");
  EXPECT_THAT(message, HasSubstr("test.cell:4:1: the size of 'u' is open"));
  EXPECT_THAT(message, HasSubstr("state it: u[hidden] = ..."));
  EXPECT_THAT(error_of(stepping("h + W_2 (W_1 x)")), HasSubstr("declare it: param W_2[hidden, hidden]"));
  EXPECT_THAT(error_of("cell c\ninput x\nstate h\ngiven z[n]\nh' = h + W z + U x\noutput h'"),
              HasSubstr("test.cell:4:7: the size of 'z' is open"));
  EXPECT_EQ(
      error_of("cell c\ninput x\nstate h\ngiven z[n]\nparam A[hidden, 4]\nu[n] = z\nh' = h + A u + U x\noutput h'"),
      "no error");
}

TEST(Sizes, WrongOnes) {
  EXPECT_THAT(error_of("cell c\ninput x\nstate h\nu[hidden] = x\nh' = u + h\noutput h'"),
              HasSubstr("the value of 'u' has the wrong size\n    4"));
  EXPECT_THAT(error_of("cell c\ninput x\nstate h\nh' = [h, x]\noutput h'"),
              HasSubstr("found: 5 (the state 'h') and 8 (the concatenation at 4:6)"));
  EXPECT_THAT(error_of("cell c\ninput x\nstate h\nh' = sum(h) * x\noutput h'"),
              HasSubstr("the next value of the state 'h' has the wrong size"));
  EXPECT_THAT(error_of("cell c\ninput x\nstate h\nparam P[hidden, hidden]\nu[4] = x[0:2]\nh' = P h + U u\noutput h'"),
              HasSubstr("expected: 4 ('u' as stated at 5:1)\n  found: 2 (the slice at 5:9)"));
  EXPECT_THAT(error_of(stepping("h[0:9] + U x + h")), HasSubstr("do not agree"));
  EXPECT_THAT(error_of(stepping("W h[0:9] + U x")), HasSubstr("bounds within [0:5]\n  found: [0:9]"));
  EXPECT_THAT(error_of(stepping("W h[3:2] + U x")), HasSubstr("the slice is empty"));
  EXPECT_THAT(error_of(stepping("W h[5:] + U x")), HasSubstr("the slice reaches outside its vector"));
  EXPECT_THAT(error_of(stepping("h + [h, U x]")), HasSubstr("the sizes do not agree"));
  EXPECT_THAT(error_of(stepping("W h[0:hidden / 2] + U x")), HasSubstr("this is not a size"));
  EXPECT_THAT(error_of(stepping("W h[hidden - 9:] + U x")), HasSubstr("found: -4"));
  EXPECT_THAT(error_of("cell c\ninput x\nstate h[0]\nh' = W h + U x\noutput h'"), HasSubstr("this size is zero"));
  EXPECT_THAT(error_of("cell c\ninput x\nstate h[99999999999]\nh' = W h + U x\noutput h'"),
              HasSubstr("a whole number up to"));
  EXPECT_THAT(error_of("cell c\ninput x\nstate h[1 / 0]\nh' = W h + U x\noutput h'"), HasSubstr("this is not a size"));
  EXPECT_THAT(error_of(stepping("clip(h, x, 1) + U x")), HasSubstr("a bound is not a scalar"));
}

TEST(Sizes, Target) {
  const std::string jordan(shipped_cell_source("jordan"));
  const Graph graph = graph_of(jordan);
  EXPECT_EQ(graph[graph.output].size(), 7);
  EXPECT_THAT(error_of(jordan, {3, 5, 0}), HasSubstr("the size 'target' is not known here"));
}

TEST(Sizes, KnownOnesMustBePositive) {
  EXPECT_THAT(error_of(stepping("W h + U x"), {0, 5, 0}), HasSubstr("the size of the input 'x' is not known"));
  EXPECT_THAT(error_of(stepping("W h + U x"), {3, -1, 0}), HasSubstr("the size of the state 'h' is not known"));
}

TEST(Sizes, StatedForTheFirstInputMustBeTheOneItGets) {
  const std::string cell = "cell c\ninput x[4], y[2]\nstate h\nh' = W h + U x + V y\noutput h'";
  EXPECT_EQ(error_of(cell, {4, 5, 0}), "no error");
  EXPECT_THAT(error_of(cell, {3, 5, 0}), HasSubstr("test.cell:2:7: the input 'x' has another size"));
}

TEST(Sizes, Products) {
  EXPECT_THAT(error_of(stepping("2 h + U x")), HasSubstr("test.cell:4:6: the left side is not a matrix"));
  EXPECT_THAT(error_of(stepping("h x + U x")), HasSubstr("'h' is not a matrix"));
  EXPECT_THAT(error_of(stepping("h W + h + U x")), HasSubstr("the matrix stands at the left: W x"));
  EXPECT_THAT(error_of("cell c\ninput x\nstate h\nparam p[hidden]\nh' = p h + U x\noutput h'"),
              HasSubstr("'p' is not a matrix"));
  EXPECT_THAT(error_of("cell c\ninput x\nstate h\nparam A[hidden, hidden]\nh' = W A + W h + U x\noutput h'"),
              HasSubstr("a product of two matrices"));
}

TEST(Sizes, MatricesPerExampleAreNotExecutableYet) {
  const char* const yet = "a matrix for every example, which cannot be executed yet";
  EXPECT_THAT(error_of("cell c\ninput x\nstate h, M[4, hidden]\nM' = M\nh' = h + U x\noutput h'"), HasSubstr(yet));
  EXPECT_THAT(error_of("cell c\ninput x\nstate h\ngiven K[n, hidden]\nh' = attend(h, K, K) + U x\noutput h'"),
              HasSubstr("test.cell:4:7: 'K' would be"));
  EXPECT_THAT(error_of(stepping("h + outer(h, x)")), HasSubstr(yet));
  EXPECT_THAT(error_of("cell c\ninput x\nstate h\nparam A[hidden, 2]\nh' = h + A + U x\noutput h'"),
              HasSubstr("test.cell:5:10: 'A' would be"));
}

}  // namespace
}  // namespace unfold::recurrence
