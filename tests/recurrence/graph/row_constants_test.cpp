#include "recurrence/graph/row_constants.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "recurrence/cell_text.h"
#include "recurrence/check/check.h"

namespace unfold::recurrence {
namespace {

/// Products of a tick's rows, each by itself.
std::ptrdiff_t products_of_rows(const Graph& graph) {
  const std::vector<char> is_constant = find_row_constants(graph);
  return std::ranges::count_if(graph.nodes, [&](const Node& node) {
    const NodeId id = static_cast<NodeId>(&node - graph.nodes.data());
    return node.op == Op::kMap && node.function == kernels::Function::kMultiply && is_constant[at(id)] == 0;
  });
}

void expect_same_output(const Graph& graph, const Graph& gathered) {
  CheckOptions options;
  options.lengths = {4, 4, 3, 2, 1};
  const CheckPoint point = draw_check_point(graph, options, 3);
  const auto expected = naive_forward(graph, point.unrolling, point.arguments).output;
  const auto found = naive_forward(gathered, point.unrolling, point.arguments).output;
  ASSERT_EQ(found.size(), expected.size());
  for (std::size_t i = 0; i < found.size(); ++i) EXPECT_NEAR(found[i], expected[i], 1e-12) << i;
}

TEST(RowConstants, AreWhatFollowsFromStatisticsAndParametersAlone) {
  const Graph graph = graph_of(stepping("batch_norm(W h) + 2 * x"), {5, 5, 7});
  const std::vector<char> is_constant = find_row_constants(graph);
  for (std::size_t id = 0; id < graph.nodes.size(); ++id) {
    const Op op = graph.nodes[id].op;
    const bool is_of_a_row = op == Op::kProduct || op == Op::kInput || op == Op::kState;
    EXPECT_FALSE(is_of_a_row && is_constant[id] != 0);
    EXPECT_FALSE(op == Op::kTickMean && is_constant[id] == 0);
  }
}

/// Of the square, the division by the deviation and the gain, the last two are one.
TEST(RowConstants, MeetBeforeTheRowsDo) {
  const Graph graph =
      graph_of("cell c\ninput x\nstate h\nparam gain[hidden]\nh' = gain * batch_norm(W h + U x)\noutput h'\n");
  EXPECT_EQ(products_of_rows(graph), 3);
  const Graph gathered = gather_row_constants(graph);
  EXPECT_EQ(products_of_rows(gathered), 2);
  expect_same_output(graph, gathered);
}

/// A product that something else reads is computed anyway.
TEST(RowConstants, StayWhereTheirProductIsRead) {
  const Graph graph = graph_of(
      "cell c\ninput x\nstate h\nparam gain[hidden]\nn = batch_norm(W h + U x)\nh' = gain * n + tanh(n)\noutput h'\n");
  const Graph gathered = gather_row_constants(graph);
  EXPECT_EQ(products_of_rows(gathered), products_of_rows(graph));
  expect_same_output(graph, gathered);
}

TEST(RowConstants, OfGraphsWhoseRowsDoNotMeetStay) {
  const Graph graph =
      graph_of("cell c\ninput x\nstate h\nparam a[hidden], b[hidden]\nh' = a * (b * (W h + U x))\noutput h'\n");
  EXPECT_EQ(products_of_rows(gather_row_constants(graph)), 2);
}

}  // namespace
}  // namespace unfold::recurrence
