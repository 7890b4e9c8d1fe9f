#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "recurrence/graph/graph_text.h"
#include "recurrence/rewrites/rewrite.h"

namespace unfold::recurrence {
namespace {

using ::testing::HasSubstr;

const Rewrite kVariational{.kind = Rewrite::Kind::kVariationalDropout, .rate = 0.25};
const Rewrite kNaive{.kind = Rewrite::Kind::kNaiveDropout, .rate = 0.25};

TEST(TeacherForcing, ReadsTheStateFromAnInput) {
  const Graph graph = rewritten(shipped_graph("jordan"), {forcing("y")});
  ASSERT_EQ(graph.inputs.size(), 2U);
  EXPECT_EQ(graph.inputs[1].name, "y");
  EXPECT_EQ(graph.inputs[1].forces_state, 0);
  EXPECT_EQ(graph.inputs[1].shape, (Shape{7}));
  for (const Node& node : graph.nodes) EXPECT_NE(node.op, Op::kState);
  ASSERT_EQ(graph.next.size(), 1U);
  EXPECT_EQ(graph[graph.next[0]].name, "y'");
}

TEST(TeacherForcing, SaysWhatIsWrong) {
  EXPECT_THAT(refusal_of(shipped_graph("lstm"), {forcing("cc")}),
              HasSubstr("no state 'cc'; did you mean 'c'?; its states: h, c"));
  EXPECT_THAT(refusal_of(shipped_graph("lstm"), {forcing("c"), forcing("c")}), HasSubstr("asked for twice"));
}

TEST(RecurrentDropout, DeclaresOneMaskPerStateThatReachesAProduct) {
  const Graph lstm = rewritten(shipped_graph("lstm"), {kVariational});
  ASSERT_EQ(lstm.masks.size(), 1U);
  EXPECT_EQ(lstm.masks[0].site, "h");
  EXPECT_EQ(lstm.masks[0].shape, (Shape{5}));
  EXPECT_EQ(lstm.masks[0].rate, 0.25);
  EXPECT_FALSE(lstm.masks[0].every_tick);
  EXPECT_TRUE(rewritten(shipped_graph("lstm"), {kNaive}).masks[0].every_tick);
  // The mask is applied once, and all four gates read the masked state.
  int masked_reads = 0;
  for (const Node& node : lstm.nodes) {
    for (const NodeId operand : node.operands) masked_reads += lstm[operand].op == Op::kMask;
  }
  EXPECT_EQ(masked_reads, 1);
}

TEST(RecurrentDropout, LeavesTheCarryAlone) {
  // r * h reaches a product, (1 - z) * h does not.
  const std::string cell = "cell c\ninput x\nstate h\nr = W_r x + 2\nu = r * h\nh' = 3 * h + u + W u\noutput h'\n";
  const Graph graph = rewritten(graph_of(cell, {1, 1, 1}), {kVariational});
  Values values = ones(graph);
  values["h"] = {5};
  values["mask h"] = {7};
  const Vector result = evaluate_output(graph, values);
  EXPECT_EQ(result[0], 3 * 5 + 2 * 5 + 2 * 5 * 7);
  values["mask h"] = {1};
  EXPECT_EQ(evaluate_output(graph, values)[0], 3 * 5 + 2 * 5 + 2 * 5);
}

TEST(RecurrentDropout, MasksThroughConcatenationsAndFunctions) {
  const Graph graph =
      rewritten(graph_of("cell c\ninput x\nstate h\nh' = W [relu(h), x]\noutput h'", {1, 1, 1}), {kVariational});
  Values values = ones(graph);
  values["h"] = {2};
  values["x"] = {10};
  values["mask h"] = {3};
  EXPECT_EQ(evaluate_output(graph, values)[0], 2 * 3 + 10);
}

TEST(RecurrentDropout, DoesNotMaskWhatANextValueCarried) {
  // h' carries h past the product V h', which reads the next value.
  const Graph graph = rewritten(
      graph_of("cell c\ninput x\nstate h\nh' = h + W h + U x\ny[1] = V h'\noutput y", {1, 1, 1}), {kVariational});
  Values values = ones(graph);
  values["h"] = {2};
  values["mask h"] = {0};
  EXPECT_EQ(evaluate_output(graph, values)[0], 2);
}

TEST(RecurrentDropout, OfEachStateByItself) {
  const Graph graph = rewritten(
      graph_of("cell c\ninput x\nstate h, c, s\nh' = W_1 h + W_2 s + U x\nc' = c + h'\ns' = c'\noutput h'"), {kNaive});
  ASSERT_EQ(graph.masks.size(), 2U);
  EXPECT_EQ(graph.masks[0].site, "h");
  EXPECT_EQ(graph.masks[1].site, "s");
  for (const Node& node : graph.nodes) {
    if (node.op != Op::kMap) continue;
    for (const NodeId operand : node.operands) {
      if (graph[operand].op != Op::kMask) continue;
      const Node& read = graph[node.operands[0]];
      EXPECT_EQ(graph.states[static_cast<std::size_t>(read.index)].name,
                graph.masks[static_cast<std::size_t>(graph[operand].index)].site);
    }
  }
}

TEST(RecurrentDropout, ChangesNothingInEvaluation) {
  for (const std::string name : {"lstm", "gru", "rhn", "lstm_projected"}) {
    const Graph graph = shipped_graph(name);
    EXPECT_EQ(graph_text(rewritten(graph, {kVariational}, Mode::kEvaluation)), graph_text(graph)) << name;
    EXPECT_NE(graph_text(rewritten(graph, {kVariational})), graph_text(graph)) << name;
    EXPECT_EQ(graph_text(rewritten(graph, {{.kind = Rewrite::Kind::kNaiveDropout, .rate = 0}})), graph_text(graph))
        << name;
  }
}

TEST(RecurrentDropout, IsRefusedWhereNothingIsMasked) {
  for (const Mode mode : {Mode::kTraining, Mode::kEvaluation}) {
    for (const std::string name : {"min_gru", "min_lstm", "indrnn"}) {
      EXPECT_THAT(refusal_of(shipped_graph(name), {kVariational}, mode), HasSubstr("this cell has no such read"))
          << name;
    }
    EXPECT_THAT(refusal_of(shipped_graph("lstm"), {{.kind = Rewrite::Kind::kNaiveDropout, .rate = 1}}, mode),
                HasSubstr("the rate is 1"));
    EXPECT_THAT(refusal_of(shipped_graph("lstm"), {{.kind = Rewrite::Kind::kNaiveDropout, .rate = -0.1}}, mode),
                HasSubstr("below 1"));
    EXPECT_THAT(refusal_of(shipped_graph("lstm"), {kNaive, kVariational}, mode), HasSubstr("asked for twice"));
  }
}

TEST(RecurrentDropout, FollowsTeacherForcingInAnyOrder) {
  EXPECT_THAT(refusal_of(shipped_graph("jordan"), {kNaive, forcing("y")}), HasSubstr("no such read"));
}

const Rewrite kZoneout{.kind = Rewrite::Kind::kZoneout, .rate = 0.25};
const Rewrite kWeightDrop{.kind = Rewrite::Kind::kWeightDrop, .rate = 0.25};
const Rewrite kClip{.kind = Rewrite::Kind::kMessageClip, .bound = 1};

TEST(Rewrites, ComposeInOneOrderHoweverTheyAreListed) {
  const Graph graph = shipped_graph("gru");
  const Graph one = rewritten(graph, {kVariational, kZoneout, kWeightDrop, kClip});
  EXPECT_EQ(graph_text(one), graph_text(rewritten(graph, {kClip, kWeightDrop, kZoneout, kVariational})));
  ASSERT_EQ(one.masks.size(), 2U);
  EXPECT_EQ(one.masks[0].site, "h");  // adding zoneout changes no mask of dropout
  EXPECT_EQ(one.masks[1].site, "h'");
}

TEST(Rewrites, AreAskedForOnce) {
  for (const Rewrite& rewrite : {kZoneout, kWeightDrop, kClip}) {
    EXPECT_THAT(refusal_of(shipped_graph("gru"), {rewrite, rewrite}), HasSubstr("is asked for twice"));
  }
}

TEST(Rewrites, KeepTopologicalOrder) {
  for (const std::string& name : shipped_cells()) {
    const Graph graph = shipped_graph(name);
    if (refusal_of(graph, {kVariational}) != "no error") continue;
    const Graph result = rewritten(graph, {kVariational, kZoneout, kWeightDrop, kClip});
    for (std::size_t i = 0; i < result.nodes.size(); ++i) {
      for (const NodeId operand : result.nodes[i].operands) EXPECT_LT(operand, static_cast<NodeId>(i)) << name;
    }
  }
}

}  // namespace
}  // namespace unfold::recurrence
