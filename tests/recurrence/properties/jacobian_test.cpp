// Jacobians dh_{t+1}/dh_t: their product is the derivative over many ticks, and clipping their elements, which the
// lectures' second clipping literally asks for, is compared with the message clip that stands in for it.
#include <gtest/gtest.h>

#include <algorithm>

#include "recurrence/one_sequence.h"
#include "recurrence/rewrites/rewrite.h"

namespace unfold::recurrence {
namespace {

using Matrix = std::vector<Vector>;  // [row][column]

Vector flat(const Arrays& state) {
  Vector result;
  for (const auto& values : state) result.insert(result.end(), values.begin(), values.end());
  return result;
}

Arrays as_state(const Arrays& like, const Vector& values) {
  Arrays result = like;
  auto next = values.begin();
  for (auto& state : result) {
    for (double& value : state) value = *next++;
  }
  return result;
}

/// dh_{t+1}/dh_t of all states together, row by row: row i is the message that a gradient of 1 for h_{t+1}[i] sends
/// back.
Matrix jacobian(const Graph& graph, const CheckPoint& point, Index tick, const Arrays& state) {
  CheckPoint here = window_of(graph, point, tick, tick + 1, state, {});
  std::ranges::fill(here.output_weights, 0.0);
  const std::size_t size = flat(state).size();
  Matrix rows;
  for (std::size_t i = 0; i < size; ++i) {
    Vector unit(size, 0.0);
    unit[i] = 1;
    here.final_weights = as_state(state, unit);
    rows.push_back(flat(gradients_of(graph, here).initial));
  }
  return rows;
}

Vector transposed_times(const Matrix& matrix, const Vector& d) {
  Vector result(matrix[0].size(), 0.0);
  for (std::size_t i = 0; i < matrix.size(); ++i) {
    for (std::size_t j = 0; j < result.size(); ++j) result[j] += matrix[i][j] * d[i];
  }
  return result;
}

/// dL/dh_0 by the literal rule: every Jacobian clipped elementwise, then multiplied with what arrives. O(H^2) a tick.
Vector by_clipped_jacobians(const Graph& graph, const CheckPoint& point, double bound) {
  const auto states = states_of(graph, point);
  Vector d = flat(point.final_weights);
  for (Index tick = point.unrolling.steps() - 1; tick >= 0; --tick) {
    Matrix rows = jacobian(graph, point, tick, states[at(tick)]);
    for (Vector& row : rows) {
      for (double& value : row) value = std::clamp(value, -bound, bound);
    }
    d = transposed_times(rows, d);
  }
  return d;
}

class Jacobians : public testing::TestWithParam<std::string> {};

/// h_T as a function of h_0, by central differences of fourth order: error about 1e-11 at this step.
TEST_P(Jacobians, MultiplyToTheDerivativeOverAllTicks) {
  const Graph graph = shipped_graph(GetParam());
  const Index ticks = 5;
  CheckPoint point = one_sequence(graph, ticks, 2);
  const auto states = states_of(graph, point);
  const Vector start = flat(states[0]);
  Matrix product;  // row i: dh_T[i]/dh_0
  for (std::size_t i = 0; i < start.size(); ++i) {
    Vector row(start.size(), 0.0);
    row[i] = 1;
    for (Index tick = ticks - 1; tick >= 0; --tick)
      row = transposed_times(jacobian(graph, point, tick, states[at(tick)]), row);
    product.push_back(row);
  }
  const double step = 1e-4;
  for (std::size_t j = 0; j < start.size(); ++j) {
    const auto final_at = [&](double offset) {
      Vector moved = start;
      moved[j] += offset;
      CheckPoint there = point;
      there.arguments.initial = as_state(states[0], moved);
      return flat(forward_of(graph, there).final);
    };
    const Vector a = final_at(step), b = final_at(-step), c = final_at(2 * step), d = final_at(-2 * step);
    for (std::size_t i = 0; i < start.size(); ++i) {
      const double expected = (8 * (a[i] - b[i]) - (c[i] - d[i])) / (12 * step);
      EXPECT_NEAR(product[i][j], expected, kGradientTolerance * std::max(1.0, std::abs(expected))) << i << ", " << j;
    }
  }
}

INSTANTIATE_TEST_SUITE_P(SmoothCells, Jacobians,
                         testing::Values("elman", "jordan", "lstm", "gru", "residual", "rhn", "lstm_layernorm"),
                         [](const auto& cell) { return cell.param; });

// --- the literal clip ---

/// h' = W h + U x: the Jacobian is W at every tick.
const char* const kLinear = "cell linear\ninput x\nstate h\nh' = W h + U x\noutput h'\n";

CheckPoint linear_point(const Graph& graph, Index ticks, const Vector& w, const Vector& message) {
  CheckPoint point = one_sequence(graph, ticks);
  point.arguments.parameters[0] = w;
  std::ranges::fill(point.output_weights, 0.0);
  point.final_weights = {message};
  return point;
}

double by_message_clip(const CheckPoint& point, double bound) {
  const Graph clipped =
      rewritten(graph_of(kLinear, {1, 1, 0}), {{.kind = Rewrite::Kind::kMessageClip, .bound = bound}});
  return gradients_of(clipped, point).initial[0][0];
}

TEST(LiteralJacobianClip, OfACaseComputedByHand) {
  // W = [2 0.1; -3 0.5] clipped to 1 is [1 0.1; -1 0.5]. From d = (1, 2): W^T d = (1 - 2, 0.1 + 1) = (-1, 1.1),
  // then (-1 - 1.1, -0.1 + 0.55) = (-2.1, 0.45).
  const Graph graph = graph_of(kLinear, {1, 2, 0});
  const CheckPoint point = linear_point(graph, 2, {2, 0.1, -3, 0.5}, {1, 2});
  const Vector found = by_clipped_jacobians(graph, point, 1);
  EXPECT_NEAR(found[0], -2.1, 1e-15);
  EXPECT_NEAR(found[1], 0.45, 1e-15);
}

TEST(LiteralJacobianClip, AboveEveryElementIsBackpropagation) {
  const Graph graph = shipped_graph("gru");
  CheckPoint point = one_sequence(graph, 4);
  std::ranges::fill(point.output_weights, 0.0);
  const Vector found = by_clipped_jacobians(graph, point, 1e9);
  const Vector expected = flat(gradients_of(graph, point).initial);
  for (std::size_t i = 0; i < found.size(); ++i) EXPECT_NEAR(found[i], expected[i], 1e-14);
}

TEST(LiteralJacobianClip, CoincidesWithTheMessageClipForOneUnitAndAMessageAtTheBound) {
  // H = 1 and |message| = bound = 1: clip(w) * 1 = clip(w * 1), and where |w| >= 1 the message stays at the bound.
  const Graph graph = graph_of(kLinear, {1, 1, 0});
  for (const double w : {1.7, -1.7, 30.0, 1.0}) {
    for (const Index ticks : {1, 2, 9}) {
      const CheckPoint point = linear_point(graph, ticks, {w}, {-1});
      EXPECT_EQ(by_clipped_jacobians(graph, point, 1)[0], by_message_clip(point, 1)) << w << ", T = " << ticks;
    }
  }
  const CheckPoint decaying = linear_point(graph, 9, {0.5}, {1});
  EXPECT_EQ(by_clipped_jacobians(graph, decaying, 1)[0], by_message_clip(decaying, 1)) << "where neither clips";
}

TEST(LiteralJacobianClip, BoundsAFactorAndTheMessageClipASum) {
  const Graph graph = graph_of(kLinear, {1, 1, 0});
  const CheckPoint small = linear_point(graph, 1, {3}, {0.25});
  EXPECT_EQ(by_clipped_jacobians(graph, small, 1)[0], 0.25);
  EXPECT_EQ(by_message_clip(small, 1), 0.75);
  const CheckPoint large = linear_point(graph, 1, {1}, {8});
  EXPECT_EQ(by_clipped_jacobians(graph, large, 1)[0], 8);
  EXPECT_EQ(by_message_clip(large, 1), 1);
}

}  // namespace
}  // namespace unfold::recurrence
