// Weight drop: which matrices are read through a mask, and what the mask does to value and gradient.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <set>

#include "recurrence/check/check.h"
#include "recurrence/graph/graph_text.h"
#include "recurrence/rewrites/rewrite.h"
#include "recurrence/run/executor.h"
#include "recurrence/run/masks.h"

namespace unfold::recurrence {
namespace {

using ::testing::HasSubstr;

const Rewrite kDrop{.kind = Rewrite::Kind::kWeightDrop, .rate = 0.25};

/// Names of the matrices that some product reads through a mask.
std::set<std::string> dropped_in(const Graph& graph) {
  std::set<std::string> names;
  for (const Node& node : graph.nodes) {
    if (node.op == Op::kParameter && node.number > 0) names.insert(graph.parameters[at(node.index)].name);
  }
  return names;
}

TEST(WeightDrop, ReachesTheMatricesThatMultiplyAPreviousState) {
  using Names = std::set<std::string>;
  const auto dropped = [](const char* cell) { return dropped_in(rewritten(shipped_graph(cell), {kDrop})); };
  EXPECT_EQ(dropped("lstm"), (Names{"W_hi", "W_hf", "W_ho", "W_hg"}));
  EXPECT_EQ(dropped("gru"), (Names{"W", "W_z", "W_r"}));
  EXPECT_EQ(dropped("jordan"), (Names{"U"}));
  EXPECT_EQ(dropped("deep_output"), (Names{"W"})) << "V multiplies the next value";
  EXPECT_EQ(dropped("deep_transition"), (Names{"W_1"})) << "W_2 multiplies a product's result";
  EXPECT_EQ(dropped("rhn"), (Names{"U_g1", "U_t1", "U_g2", "U_t2"})) << "s carries h past the first products";
}

TEST(WeightDrop, OfAConcatenationReachesTheStatesColumnsOnly) {
  const Graph graph = rewritten(graph_of(stepping("W [x, h]")), {kDrop});
  int products = 0;
  for (const Node& node : graph.nodes) {
    if (node.op != Op::kProduct) continue;
    ++products;
    const bool of_state = graph[node.operands[1]].op == Op::kState;
    EXPECT_EQ(graph[node.operands[0]].number, of_state ? 0.25 : 0);
    EXPECT_EQ(node.begin, of_state ? 3 : 0);
  }
  EXPECT_EQ(products, 2);
}

TEST(WeightDrop, ChangesNothingInEvaluationOrAtRateZero) {
  const Graph graph = shipped_graph("gru");
  EXPECT_EQ(graph_text(rewritten(graph, {kDrop}, Mode::kEvaluation)), graph_text(graph));
  EXPECT_EQ(graph_text(rewritten(graph, {{.kind = Rewrite::Kind::kWeightDrop, .rate = 0}})), graph_text(graph));
}

TEST(WeightDrop, IsRefusedWhereNoMatrixMultipliesAState) {
  for (const Mode mode : {Mode::kTraining, Mode::kEvaluation}) {
    EXPECT_THAT(refusal_of(shipped_graph("indrnn"), {kDrop}, mode), HasSubstr("this cell has no such matrix"));
    EXPECT_THAT(refusal_of(shipped_graph("lstm"), {{.kind = Rewrite::Kind::kWeightDrop, .rate = 1}}, mode),
                HasSubstr("weight drop: the rate is 1"));
  }
  EXPECT_THAT(refusal_of(shipped_graph("jordan"), {forcing("y"), kDrop}), HasSubstr("no such matrix"));
}

/// h' = W h + U x: what the mask does can be computed with the mask itself.
class LinearCell : public testing::Test {
 protected:
  Graph graph_ = rewritten(graph_of(stepping("W h + U x")), {kDrop});
  CheckPoint point_ = draw_check_point(graph_, {}, 1);

  std::vector<double> mask() const {
    std::vector<double> values(25);
    draw_weight_mask(0.25, 0, point_.arguments.keys, 25, values.data());
    return values;
  }

  NaiveBackward<double> gradients(const Graph& graph, const CheckPoint& point) const {
    return naive_backward(graph, differentiate(graph), point.unrolling, point.arguments,
                          naive_forward(graph, point.unrolling, point.arguments), point.output_weights,
                          point.final_weights);
  }
};

TEST_F(LinearCell, ReadsTheMaskedMatrixAndMasksItsGradient) {
  ASSERT_EQ(graph_.parameters[0].name, "W");
  const Graph plain = graph_of(stepping("W h + U x"));
  CheckPoint masked = point_;
  for (std::size_t i = 0; i < 25; ++i) masked.arguments.parameters[0][i] *= mask()[i];
  EXPECT_EQ(naive_forward(graph_, point_.unrolling, point_.arguments).output,
            naive_forward(plain, masked.unrolling, masked.arguments).output);
  const auto found = gradients(graph_, point_);
  const auto expected = gradients(plain, masked);
  EXPECT_EQ(found.initial, expected.initial);
  EXPECT_EQ(found.parameters[1], expected.parameters[1]);
  for (std::size_t i = 0; i < 25; ++i)
    EXPECT_NEAR(found.parameters[0][i], mask()[i] * expected.parameters[0][i], 1e-12);  // a dozen roundings in double
}

TEST_F(LinearCell, DrawsOneMaskPerTrainingStep) {
  const std::vector<double> first = mask();
  for (const double value : first) EXPECT_TRUE(value == 0 || value == 1 / 0.75);
  point_.arguments.keys.sequences = {9, 8, 7, 6};
  point_.arguments.keys.first_tick = 100;
  EXPECT_EQ(mask(), first) << "neither sequences nor ticks matter";
  point_.arguments.keys.training_step = 1;
  EXPECT_NE(mask(), first);
}

TEST(WeightDrop, KeepsItsShare) {
  std::vector<float> mask(40000);
  draw_weight_mask(0.25, 3, MaskKeys{}, 40000, mask.data());
  const auto dropped = std::count(mask.begin(), mask.end(), 0.0F);
  const double deviation = std::sqrt(40000 * 0.25 * 0.75);
  EXPECT_NEAR(static_cast<double>(dropped), 10000, 5 * deviation);
}

TEST(WeightDrop, BackwardUsesTheMaskOfItsForwardRun) {
  // Two runs of different training steps, whose backward runs come in the other order.
  Recurrence recurrence(Cell::load("elman"), {3, 5, 0}, {kDrop}, {}, 1);
  const Unrolling unrolling = Unrolling::equal(3, 2);
  Tensor x({6, 3});
  x.fill(0.5F);
  ForwardArguments arguments;
  arguments.unrolling = &unrolling;
  arguments.inputs = {{InputValues::Kind::kDense, &x, {}}};
  arguments.mode = Mode::kTraining;
  arguments.keep_for_backward = true;
  Tensor ones({6, 5});
  ones.fill(1);
  BackwardArguments back;
  back.output_gradient = ones;
  const auto input_gradient = [&](const ForwardResult& run) {
    const Tensor gradient = recurrence.backward(run.execution, back).inputs[0];
    return std::vector<float>(gradient.values().begin(), gradient.values().end());
  };
  const auto forward = [&](std::uint64_t step) {
    arguments.keys.training_step = step;
    return recurrence.forward(arguments);
  };
  const auto alone = input_gradient(forward(1));
  const ForwardResult first = forward(1);
  const auto other = input_gradient(forward(2));
  EXPECT_EQ(input_gradient(first), alone);
  EXPECT_NE(other, alone);
}

}  // namespace
}  // namespace unfold::recurrence
