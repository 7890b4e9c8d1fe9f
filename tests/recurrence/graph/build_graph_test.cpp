#include "recurrence/graph/build_graph.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "recurrence/cell_text.h"
#include "recurrence/graph/graph_text.h"

namespace unfold::recurrence {
namespace {

using ::testing::HasSubstr;
using Kind = Initial::Kind;

int count(const Graph& graph, Op op) { return static_cast<int>(std::ranges::count(graph.nodes, op, &Node::op)); }

const ParameterDeclaration& parameter(const Graph& graph, const std::string& name) {
  return *std::ranges::find(graph.parameters, name, &ParameterDeclaration::name);
}

TEST(BuildGraph, Elman) {
  const Graph graph = graph_of("cell e\ninput x\nstate h\n\nh' = tanh(W h + U x + b)\n\noutput h'\n", {3, 4, 0});
  EXPECT_EQ(graph_text(graph),
            "cell e\n"
            "input x [3]\n"
            "state h [4] starts at 0\n"
            "parameter W [4, 4] orthogonal\n"
            "parameter U [4, 3] glorot\n"
            "parameter b [4] 0\n"
            "%0 = parameter W [4, 4] at 5:11\n"
            "%1 = state h [4] at 5:13\n"
            "%2 = product(%0, %1) [4] at 5:11\n"
            "%3 = parameter U [4, 3] at 5:17\n"
            "%4 = input x [3] at 5:19\n"
            "%5 = product(%3, %4) [4] at 5:17\n"
            "%6 = add(%2, %5) [4] at 5:15\n"
            "%7 = parameter b [4] at 5:23\n"
            "%8 = add(%6, %7) [4] at 5:21\n"
            "%9 = tanh(%8) [4]  # h' at 5:6\n"
            "%10 = next h(%9) [4]  # h' at 5:1\n"
            "h' = %10\n"
            "output %10\n");
}

TEST(BuildGraph, BuildsEqualNodesOnce) {
  const Graph graph = graph_of(stepping("tanh(W h + U x) * tanh(W h + U x) + h * h"));
  EXPECT_EQ(count(graph, Op::kState), 1);
  EXPECT_EQ(count(graph, Op::kProduct), 2);
  EXPECT_EQ(count(graph, Op::kMap), 5);  // add, tanh, multiply, multiply, add
}

TEST(BuildGraph, TellsANextValueFromOtherReadersOfTheSameValue) {
  const Graph graph =
      graph_of("cell c\ninput x\nstate h, d\nu = tanh(W h + U x)\nh' = u\nd' = h\noutput [u, h', h, d', d]\n");
  EXPECT_EQ(count(graph, Op::kNext), 2);
  const Node& output = graph[graph.output];
  EXPECT_EQ(graph[output.operands[0]].op, Op::kMap);
  EXPECT_EQ(output.operands[1], graph.next[0]);
  EXPECT_EQ(graph[output.operands[2]].op, Op::kState);
  EXPECT_EQ(output.operands[3], graph.next[1]);
}

TEST(BuildGraph, DropsWhatNothingNeeds) {
  const Graph graph = graph_of(stepping("h + (U x) ^ 0"));
  EXPECT_EQ(count(graph, Op::kProduct), 0);
  EXPECT_EQ(graph.parameters.size(), 1U);
}

TEST(BuildGraph, IsInTopologicalOrder) {
  for (const std::string& name : shipped_cells()) {
    const Graph graph = build_graph(Cell::load(name).definition(), kOddSizes);
    for (std::size_t i = 0; i < graph.nodes.size(); ++i) {
      for (const NodeId operand : graph.nodes[i].operands) EXPECT_LT(operand, static_cast<NodeId>(i)) << name;
      EXPECT_GT(graph.nodes[i].place.line, 0) << name;
    }
  }
}

TEST(BuildGraph, OperandsFitTheirOperations) {
  for (const std::string& name : shipped_cells()) {
    const Graph graph = build_graph(Cell::load(name).definition(), kOddSizes);
    for (const Node& node : graph.nodes) {
      if (node.op == Op::kProduct) {
        EXPECT_EQ(graph[node.operands[0]].shape, (Shape{node.size(), graph[node.operands[1]].size()})) << name;
      }
      if (node.op != Op::kMap) continue;
      for (const NodeId operand : node.operands) {
        EXPECT_TRUE(graph[operand].size() == node.size() || graph[operand].size() == 1) << name;
      }
    }
    for (std::size_t s = 0; s < graph.states.size(); ++s) EXPECT_EQ(graph[graph.next[s]].shape, graph.states[s].shape);
  }
}

TEST(BuildGraph, States) {
  const Graph graph = graph_of(
      "cell c(k = -2)\ninput x\nstate h = learned, c = 0.5, s[4] = k\n"
      "h' = h + c + U x\nc' = c\ns' = s\noutput [h', s']");
  EXPECT_EQ(graph.states[0].start_parameter, 0);
  EXPECT_EQ(graph.parameters[0].name, "h_0");
  EXPECT_EQ(graph.parameters[0].shape, (Shape{5}));
  EXPECT_EQ(graph.states[1].start, 0.5);
  EXPECT_EQ(graph.states[2].start, -2);
  EXPECT_EQ(graph.states[2].start_parameter, -1);
  EXPECT_EQ(graph[graph.output].size(), 9);
}

TEST(BuildGraph, InputsAndGivens) {
  const Graph graph = graph_of("cell c\ninput x, y[2]\nstate h\ngiven z[4]\nh' = h + U x + V y + W z\noutput h'");
  ASSERT_EQ(graph.inputs.size(), 2U);
  EXPECT_EQ(graph.inputs[1].shape, (Shape{2}));
  EXPECT_EQ(graph.inputs[1].forces_state, -1);
  ASSERT_EQ(graph.givens.size(), 1U);
  EXPECT_EQ(graph.givens[0].shape, (Shape{4}));
  EXPECT_EQ(count(graph, Op::kGiven), 1);
}

TEST(BuildGraph, DefaultInitials) {
  const Graph graph = graph_of(
      "cell c\ninput x\nstate h\nr = sigmoid(W_r x + b_r)\nu[hidden] = tanh(W_1 (r * h))\n"
      "h' = W_2 u + W_3 [h, x] + h\noutput V [h', 1]\n"
      "param V[2, hidden + 1]");
  EXPECT_EQ(parameter(graph, "W_r").initial.kind, Kind::kGlorot);
  EXPECT_EQ(parameter(graph, "W_1").initial.kind, Kind::kOrthogonal);
  EXPECT_EQ(parameter(graph, "W_2").initial.kind, Kind::kGlorot);
  EXPECT_EQ(parameter(graph, "W_3").initial.kind, Kind::kGlorot);
  EXPECT_EQ(parameter(graph, "V").initial.kind, Kind::kOrthogonal);
  EXPECT_EQ(parameter(graph, "b_r").initial.kind, Kind::kConstant);
  EXPECT_EQ(parameter(graph, "b_r").initial.number, 0);
}

TEST(BuildGraph, StatedInitials) {
  const std::string cell =
      "cell c(r = 0.9)\ninput x\nstate h\nfixed A[hidden, hidden]\nh' = A h + U x + b\noutput h'\n";
  const Graph graph = graph_of(cell + "init A = spectral(r)\ninit U = uniform(0.1)\ninit b = -1\n");
  EXPECT_EQ(parameter(graph, "A").initial.kind, Kind::kSpectral);
  EXPECT_EQ(parameter(graph, "A").initial.number, 0.9);
  EXPECT_FALSE(parameter(graph, "A").trainable);
  EXPECT_EQ(parameter(graph, "U").initial.kind, Kind::kUniform);
  EXPECT_EQ(parameter(graph, "b").initial.number, -1);
  EXPECT_THAT(error_of(cell + "init U = spectral(r)"), HasSubstr("test.cell:7:10: the parameter 'U' cannot start like "
                                                                 "this"));
  EXPECT_THAT(error_of(cell + "init U = spectral(r)"), HasSubstr("a square matrix\n  found: [5, 3]"));
  EXPECT_THAT(error_of(cell + "init b = identity\ninit A = spectral(r)"), HasSubstr("expected: a matrix"));
  EXPECT_THAT(error_of(cell + "init A = spectral(-1)\n"), HasSubstr("'r' is never used"));
  EXPECT_THAT(error_of(cell + "init A = spectral(-r)\n"), HasSubstr("found: -0.9"));
}

TEST(BuildGraph, SlicesAndConcatenations) {
  const Graph graph = graph_of(stepping("[h[2:], h[0:2]] + h[0:] + U x"));
  EXPECT_EQ(count(graph, Op::kSlice), 2);  // h[0:] is h
  EXPECT_EQ(count(graph, Op::kConcat), 1);
  const auto slice = std::ranges::find(graph.nodes, Op::kSlice, &Node::op);
  EXPECT_EQ(slice->begin, 2);
  EXPECT_EQ(slice->size(), 3);
}

TEST(BuildGraph, CallsThroughOptions) {
  const std::string cell = "cell c(f = tanh)\ninput x\nstate h\nh' = f(W h + U x)\noutput h'";
  const auto function_of = [](const Graph& graph) { return graph[graph[graph.output].operands[0]].function; };
  EXPECT_EQ(function_of(graph_of(cell, kOddSizes, "f = relu")), kernels::Function::kRelu);
  EXPECT_EQ(function_of(graph_of(cell)), kernels::Function::kTanh);
}

TEST(GraphText, ShowsMasksForcedInputsAndFixedParameters) {
  Graph graph = graph_of(stepping("tanh(W h + U x)"), {1, 1, 1});
  graph.masks.push_back({"h", Shape{1}, 0.5, 2, true});
  graph.inputs[0].forces_state = 0;
  graph.parameters[0].trainable = false;
  const std::string text = graph_text(graph);
  EXPECT_THAT(text, HasSubstr("mask of h [1] rate 0.5 every tick"));
  EXPECT_THAT(text, HasSubstr("input x [1] forced"));
  EXPECT_THAT(text, HasSubstr("parameter W [1, 1] orthogonal fixed"));
}

}  // namespace
}  // namespace unfold::recurrence
