// How little a gradient graph sums.
#include "recurrence/summands.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "recurrence/cell_text.h"
#include "recurrence/check/check.h"
#include "recurrence/gradient.h"

namespace unfold::recurrence {
namespace {

using kernels::Function;

std::vector<Node> sums(const Graph& graph, Op op) {
  std::vector<Node> found;
  std::ranges::copy_if(graph.nodes, std::back_inserter(found), [&](const Node& node) { return node.op == op; });
  return found;
}

/// Whether a sum's operand has a factor that could stand outside it: a number, or a scalar.
bool has_scalar_factor(const Graph& graph, const Node& sum) {
  const Node& summed = graph[sum.operands[0]];
  const bool multiplies = summed.function == Function::kMultiply || summed.function == Function::kDivide;
  return summed.op == Op::kMap && multiplies &&
         std::ranges::any_of(summed.operands, [&](NodeId factor) { return graph[factor].size() == 1; });
}

double worst_error(const Graph& graph, const GradientGraph& gradient) {
  return worst_of(check_gradient(graph, gradient, {}))->worst;
}

/// With y normalised, both need the sum of dy and that of dy y alone: what is centred adds nothing to the first, and
/// what divides y stands outside the second.
TEST(Summands, OfANormAreTheGradientAndItsProduct) {
  for (const auto& [norm, op] : {std::pair("layer_norm", Op::kSum), std::pair("batch_norm", Op::kTickMean)}) {
    const Graph graph = graph_of(stepping(std::string(norm) + "(W h + U x)"));
    const GradientGraph gradient = differentiate(graph);
    const auto found = sums(gradient.graph, op);
    EXPECT_EQ(found.size(), 2U) << norm;
    for (const Node& sum : found) EXPECT_FALSE(has_scalar_factor(gradient.graph, sum)) << norm;
    EXPECT_LT(worst_error(graph, gradient), kGradientTolerance) << norm;
  }
}

TEST(Summands, AreNoMultiplesOfAScalar) {
  const Graph graph = graph_of(stepping("softmax(W h + U x) * 3 / sum(h * h)"));
  const GradientGraph gradient = differentiate(graph);
  const auto found = sums(gradient.graph, Op::kSum);
  EXPECT_FALSE(found.empty());
  for (const Node& sum : found) EXPECT_FALSE(has_scalar_factor(gradient.graph, sum));
  EXPECT_LT(worst_error(graph, gradient), kGradientTolerance);
}

TEST(Summands, AreSummedOnce) {
  const Graph graph = graph_of(stepping("tanh(batch_norm(W h) + batch_norm(U x))"));
  const GradientGraph gradient = differentiate(graph);
  std::set<NodeId> summed;
  for (const Node& sum : sums(gradient.graph, Op::kTickMean)) EXPECT_TRUE(summed.insert(sum.operands[0]).second);
  EXPECT_LT(worst_error(graph, gradient), kGradientTolerance);
}

/// What looks centred but is not: less another value's mean.
TEST(Summands, VanishOnlyLessTheirOwnMean) {
  const Graph graph = graph_of(stepping("(h - sum(x) * 0.2) * sum(h * h) + (x - sum(x) * 0.5) * sum(h)"), {5, 5, 7});
  EXPECT_LT(worst_error(graph, differentiate(graph)), kGradientTolerance);
}

}  // namespace
}  // namespace unfold::recurrence
