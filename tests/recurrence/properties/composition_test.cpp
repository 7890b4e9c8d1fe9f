// Unfolding: the state after T ticks is the step's function composed with itself (Goodfellow et al. 2016, chapter 10).
#include <gtest/gtest.h>

#include "recurrence/cell_text.h"
#include "recurrence/evaluate_step.h"
#include "recurrence/one_sequence.h"
#include "recurrence/recurrent_cells.h"

namespace unfold::recurrence {
namespace {

/// s_T = f(f(...f(s_0, x_1)..., x_{T-1}), x_T), one evaluation of the graph after another, without any executor.
Arrays composed(const Graph& graph, const CheckPoint& point) {
  Values values;
  for (std::size_t p = 0; p < graph.parameters.size(); ++p)
    values[graph.parameters[p].name] = point.arguments.parameters[p];
  Arrays state = point.arguments.initial;
  for (std::ptrdiff_t tick = 0; tick < point.unrolling.steps(); ++tick) {
    for (std::size_t i = 0; i < graph.inputs.size(); ++i) {
      const std::ptrdiff_t size = graph.inputs[i].shape.count();
      const auto row = point.arguments.inputs[i].begin() + tick * size;
      values[graph.inputs[i].name] = Vector(row, row + size);
    }
    for (std::size_t s = 0; s < state.size(); ++s) values[graph.states[s].name] = state[s];
    const auto nodes = evaluate_step(graph, values);
    for (std::size_t s = 0; s < state.size(); ++s) state[s] = nodes[at(graph.next[s])];
  }
  return state;
}

class Composition : public testing::TestWithParam<std::string> {};

TEST_P(Composition, IsWhatADrivenSystemUnfoldsTo) {
  const Graph graph = shipped_graph(GetParam());
  CheckPoint point = one_sequence(graph, 9);
  const Arrays first = forward_of(graph, point).final;
  EXPECT_EQ(first, composed(graph, point));
  // The same inputs drive another state elsewhere.
  for (auto& state : point.arguments.initial) {
    for (double& value : state) value = -0.5 * value;
  }
  const Arrays second = forward_of(graph, point).final;
  EXPECT_EQ(second, composed(graph, point));
  EXPECT_NE(first, second);
}

INSTANTIATE_TEST_SUITE_P(Cells, Composition, testing::ValuesIn(recurrent_cells()),
                         [](const auto& cell) { return cell.param; });

TEST(Composition, OfAnAutonomousSystem) {
  // The logistic map s_t = 4 s (1 - s), which no input drives: s_t = sin^2(2^t asin sqrt(s_0)).
  Recurrence logistic(Cell::parse("cell logistic\nstate s = 0.3\ns' = 4 * s * (1 - s)\noutput s'\n", "logistic.cell"),
                      {1, 1, 0});
  const Unrolling unrolling = Unrolling::equal(6, 1);
  ForwardArguments arguments;
  arguments.unrolling = &unrolling;
  const ForwardResult result = logistic.forward(arguments);
  for (Index t = 1; t <= 6; ++t) {
    const double expected = std::pow(std::sin(std::pow(2.0, static_cast<double>(t)) * std::asin(std::sqrt(0.3))), 2);
    EXPECT_NEAR(result.output[t - 1], expected, 1e-5);  // 2^6 times the rounding of 0.3 in float32
  }
}

}  // namespace
}  // namespace unfold::recurrence
