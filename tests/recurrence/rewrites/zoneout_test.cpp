// Zoneout: z h + (1 - z) h', before later lines read h'.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "recurrence/graph/graph_text.h"
#include "recurrence/rewrites/rewrite.h"

namespace unfold::recurrence {
namespace {

using ::testing::HasSubstr;

Rewrite zoneout(double rate) { return {.kind = Rewrite::Kind::kZoneout, .rate = rate}; }

/// h' = 10 h, read by a later line; d' the state h itself, read again as h by the same line.
const char* const kCell = "cell c\ninput x\nstate h, d\nh' = 10 * h + U x\nd' = h\noutput [h', d', h + 0 * d]\n";

TEST(Zoneout, KeepsThePreviousValueWhereTheMaskSaysSo) {
  const Graph graph = rewritten(graph_of(kCell, {1, 1, 1}), {zoneout(0.25)});
  Values values = ones(graph);
  values["h"] = {3};
  values["d"] = {5};
  values["mask h'"] = {1};  // take the next value
  values["mask d'"] = {1};
  EXPECT_EQ(evaluate_output(graph, values), (Vector{30, 3, 3}));
  values["mask h'"] = {0};
  EXPECT_EQ(evaluate_output(graph, values), (Vector{3, 3, 3}));
  values["mask d'"] = {0};
  EXPECT_EQ(evaluate_output(graph, values), (Vector{3, 5, 3}));
}

TEST(Zoneout, LaterLinesReadTheResult) {
  const Graph graph =
      rewritten(graph_of("cell c\ninput x\nstate h, c\nc' = 10 * c + U x\nh' = 2 * c' + 0 * h\noutput h'\n", {1, 1, 1}),
                {zoneout(0.25)});
  Values values = ones(graph);
  values["c"] = {3};
  values["mask h'"] = {1};
  values["mask c'"] = {0};
  EXPECT_EQ(evaluate_output(graph, values), (Vector{6}));
}

TEST(Zoneout, TakesTheMeanInEvaluation) {
  const Graph graph = rewritten(graph_of(kCell, {1, 1, 1}), {zoneout(0.25)}, Mode::kEvaluation);
  EXPECT_TRUE(graph.masks.empty());
  Values values = ones(graph);
  values["h"] = {4};
  values["d"] = {8};
  EXPECT_EQ(evaluate_output(graph, values), (Vector{0.25 * 4 + 0.75 * 40, 0.25 * 8 + 0.75 * 4, 4}));
}

TEST(Zoneout, DrawsZeroOrOneEveryTick) {
  const Graph graph = rewritten(shipped_graph("lstm"), {zoneout(0.25)});
  ASSERT_EQ(graph.masks.size(), 2U);
  for (const MaskDeclaration& mask : graph.masks) {
    EXPECT_EQ(mask.rate, 0.25);
    EXPECT_EQ(mask.kept, 1);
    EXPECT_TRUE(mask.every_tick);
  }
}

TEST(Zoneout, LeavesForcedStatesAlone) {
  const std::string cell = "cell c\ninput x\nstate h, y\nh' = W h + V y + U x\ny' = 2 * h'\noutput y'\n";
  for (const Mode mode : {Mode::kTraining, Mode::kEvaluation}) {
    const Graph graph = rewritten(graph_of(cell, {1, 1, 1}), {zoneout(0.25), forcing("y")}, mode);
    Values values = ones(graph);
    values["h"] = {4};
    values["mask h'"] = {0};
    EXPECT_EQ(evaluate_output(graph, values)[0], mode == Mode::kTraining ? 8 : 2 * 4)
        << "y' is twice h', whatever y was";
  }
  EXPECT_THAT(refusal_of(shipped_graph("jordan"), {forcing("y"), zoneout(0.25)}),
              HasSubstr("is forced by the teacher"));
}

TEST(Zoneout, AtRateZeroChangesNothing) {
  const Graph graph = shipped_graph("lstm");
  EXPECT_EQ(graph_text(rewritten(graph, {zoneout(0)})), graph_text(graph));
  EXPECT_THAT(refusal_of(graph, {zoneout(1)}), HasSubstr("zoneout: the rate is 1; expected at least 0 and below 1"));
}

}  // namespace
}  // namespace unfold::recurrence
