// How far a gradient reaches back: linear recurrences, the tanh cell, the residual cell, teacher forcing.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "recurrence/graph/initialise.h"
#include "recurrence/one_sequence.h"
#include "recurrence/rewrites/rewrite.h"

namespace unfold::recurrence {
namespace {

/// A sequence on parameters as training begins, with a loss on its last state alone.
CheckPoint at_initialisation(const Graph& graph, Index ticks) {
  CheckPoint point = one_sequence(graph, ticks);
  for (std::size_t p = 0; p < graph.parameters.size(); ++p) {
    Tensor values(graph.parameters[p].shape);
    initialise(graph.parameters[p], p + 1, values);
    point.arguments.parameters[p].assign(values.values().begin(), values.values().end());
  }
  std::ranges::fill(point.output_weights, 0.0);
  return point;
}

/// norm dL/dh_{T - lag} for lag = 1, ..., T, relative to that of the last state itself.
std::vector<double> norms_by_lag(const Graph& graph, Index ticks) {
  const CheckPoint point = at_initialisation(graph, ticks);
  const auto states = states_of(graph, point);
  std::vector<double> norms;
  Arrays message = point.final_weights;
  for (Index tick = ticks - 1; tick >= 0; --tick) {
    message = gradients_of(graph, window_of(graph, point, tick, tick + 1, states[at(tick)], message)).initial;
    norms.push_back(norm_of(message) / norm_of(point.final_weights));
  }
  return norms;
}

constexpr KnownSizes kWide{3, 32, 0};

TEST(GradientByLag, OfALinearRecurrenceFollowsTheSpectralRadius) {
  for (const double radius : {0.5, 0.9, 1.0, 1.1}) {
    const std::string cell =
        "cell linear(radius = 1)\ninput x\nstate h\nh' = W h + U x\noutput h'\ninit W = spectral(radius)\n";
    const auto norms = norms_by_lag(graph_of(cell, kWide, "radius = " + std::to_string(radius)), 100);
    // Over the first lags other directions still matter; from 20 on the rate is that of the largest eigenvalue.
    const double rate = std::pow(norms[99] / norms[19], 1.0 / 80);
    EXPECT_NEAR(rate, radius, 0.1 * radius);
  }
}

TEST(GradientByLag, SurvivesTwoHundredTicksOfTheResidualCellAndNotOfTheTanhCell) {
  const auto residual = norms_by_lag(build_graph(Cell::load("residual").definition(), kWide), 200);
  const auto tanh = norms_by_lag(build_graph(Cell::load("elman").definition(), kWide), 200);
  EXPECT_GE(residual[199], 0.1 * residual[0]);
  EXPECT_LT(tanh[199], 1e-6 * tanh[0]);
}

// --- teacher forcing ---

/// dL/dx of a loss on the last of 4 ticks.
Arrays input_gradients(const Graph& graph) {
  CheckPoint point = one_sequence(graph, 4);
  const auto size = static_cast<std::ptrdiff_t>(graph[graph.output].size());
  std::fill(point.output_weights.begin(), point.output_weights.end() - size, 0.0);
  for (auto& weights : point.final_weights) std::ranges::fill(weights, 0.0);
  const std::vector<double> all = gradients_of(graph, point).inputs[0];
  Arrays by_tick;
  for (std::ptrdiff_t tick = 0; tick < 4; ++tick)
    by_tick.emplace_back(all.begin() + tick * 3, all.begin() + (tick + 1) * 3);
  return by_tick;
}

TEST(TeacherForcing, LeavesJordanNoGradientThroughTime) {
  const Arrays free_running = input_gradients(shipped_graph("jordan"));
  const Arrays forced = input_gradients(rewritten(shipped_graph("jordan"), {forcing("y")}));
  for (std::size_t tick = 0; tick < 4; ++tick) {
    EXPECT_NE(largest_of({free_running[tick]}), 0) << tick;
    if (tick < 3) {
      EXPECT_EQ(largest_of({forced[tick]}), 0) << tick;
    } else {
      EXPECT_NE(largest_of({forced[tick]}), 0);
    }
  }
}

TEST(TeacherForcing, LetsTheLossFallApartIntoSteps) {
  const Graph graph = rewritten(shipped_graph("jordan"), {forcing("y")});
  CheckPoint point = one_sequence(graph, 4);
  for (auto& weights : point.final_weights) std::ranges::fill(weights, 0.0);
  const auto together = gradients_of(graph, point);
  Arrays sums = zeros_like(together.parameters);
  for (Index tick = 3; tick >= 0; --tick) {
    const auto alone = window_of(graph, point, tick, tick + 1, point.arguments.initial, point.final_weights);
    add_to(sums, gradients_of(graph, alone).parameters);
  }
  EXPECT_EQ(sums, together.parameters) << "every step begins wherever it likes: it never reads its own past";
}

}  // namespace
}  // namespace unfold::recurrence
