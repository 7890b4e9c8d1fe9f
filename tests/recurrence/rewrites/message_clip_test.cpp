// The message clip, against backpropagation tick by tick with the message clipped by hand in between.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "recurrence/check/check.h"
#include "recurrence/graph/graph_text.h"
#include "recurrence/rewrites/rewrite.h"

namespace unfold::recurrence {
namespace {

using ::testing::HasSubstr;

constexpr double kBound = 0.05;
const Rewrite kClip{.kind = Rewrite::Kind::kMessageClip, .bound = kBound};
const std::vector<Rewrite> kOthers{{.kind = Rewrite::Kind::kVariationalDropout, .rate = 0.25},
                                   {.kind = Rewrite::Kind::kZoneout, .rate = 0.25}};

using Arrays = std::vector<std::vector<double>>;

/// One sequence of T ticks.
CheckPoint point_of(const Graph& graph, Index ticks) {
  CheckOptions options;
  options.lengths = {ticks};
  return draw_check_point(graph, options, 5);
}

NaiveBackward<double> gradients(const Graph& graph, const CheckPoint& point) {
  const auto forward = naive_forward(graph, point.unrolling, point.arguments);
  return naive_backward(graph, differentiate(graph), point.unrolling, point.arguments, forward, point.output_weights,
                        point.final_weights);
}

/// Tick `tick` of a point, as a point of its own that begins with `state` and receives `message`.
CheckPoint tick_of(const Graph& graph, const CheckPoint& point, Index tick, const Arrays& state,
                   const Arrays& message) {
  CheckPoint result = point;
  result.unrolling = Unrolling::equal(1, 1);
  const auto row = [tick](const std::vector<double>& rows, Index size) {
    return std::vector<double>(rows.begin() + tick * size, rows.begin() + (tick + 1) * size);
  };
  for (std::size_t i = 0; i < graph.inputs.size(); ++i)
    result.arguments.inputs[i] = row(point.arguments.inputs[i], graph.inputs[i].shape.count());
  result.output_weights = row(point.output_weights, graph[graph.output].size());
  result.arguments.initial = state;
  result.arguments.keys.first_tick = static_cast<std::uint64_t>(tick);
  result.final_weights = message;
  return result;
}

/// Every tick's message, unclipped and clipped by hand, last tick first; and the sums of the parameters' gradients.
struct ByHand {
  std::vector<Arrays> messages;
  Arrays parameters;
};

ByHand clip_by_hand(const Graph& unclipped, const CheckPoint& point, Index ticks) {
  std::vector<Arrays> states{point.arguments.initial};
  for (Index tick = 0; tick < ticks; ++tick) {
    const CheckPoint here = tick_of(unclipped, point, tick, states.back(), point.final_weights);
    states.push_back(naive_forward(unclipped, here.unrolling, here.arguments).final);
  }
  ByHand result{{}, point.arguments.parameters};
  for (auto& sums : result.parameters) std::fill(sums.begin(), sums.end(), 0.0);
  Arrays message = point.final_weights;
  for (Index tick = ticks - 1; tick >= 0; --tick) {
    const auto found = gradients(unclipped, tick_of(unclipped, point, tick, states[at(tick)], message));
    message = found.initial;
    for (auto& state : message) {
      for (double& value : state) value = std::clamp(value, -kBound, kBound);
    }
    result.messages.push_back(message);
    for (std::size_t p = 0; p < result.parameters.size(); ++p) {
      for (std::size_t i = 0; i < result.parameters[p].size(); ++i) result.parameters[p][i] += found.parameters[p][i];
    }
  }
  return result;
}

class MessageClip : public testing::TestWithParam<std::string> {};

TEST_P(MessageClip, EqualsClippingByHandAtEveryTick) {
  const bool fits_dropout = refusal_of(shipped_graph(GetParam()), kOthers) == "no error";
  const std::vector<Rewrite> others = fits_dropout ? kOthers : std::vector<Rewrite>{kOthers[1]};
  std::vector<Rewrite> all = others;
  all.push_back(kClip);
  const Graph unclipped = rewritten(shipped_graph(GetParam()), others);
  const Graph clipped = rewritten(shipped_graph(GetParam()), all);
  const Index ticks = 5;
  const CheckPoint point = point_of(unclipped, ticks);
  const ByHand expected = clip_by_hand(unclipped, point, ticks);
  const auto found = gradients(clipped, point);
  for (std::size_t p = 0; p < found.parameters.size(); ++p) {
    const auto difference = disagreement(clipped.parameters[p].name, found.parameters[p], expected.parameters[p], 1);
    EXPECT_LT(difference.worst, 1e-12) << difference.name;  // the same sums in double, in another order
  }
  EXPECT_EQ(found.initial, expected.messages.back());
  // The message of every tick: that of a run that starts there.
  double largest = 0;
  for (Index tick = 0; tick < ticks; ++tick) {
    for (const auto& state : expected.messages[at(ticks - 1 - tick)]) {
      for (const double value : state) largest = std::max(largest, std::abs(value));
    }
  }
  EXPECT_EQ(largest, kBound) << "the bound is reached, else this test shows nothing";
}

INSTANTIATE_TEST_SUITE_P(Cells, MessageClip, testing::ValuesIn(shipped_cells()),
                         [](const auto& cell) { return cell.param; });

TEST(MessageClipBound, AboveEveryMessageChangesNoBit) {
  for (const std::string& name : shipped_cells()) {
    const Graph plain = shipped_graph(name);
    const Graph clipped = rewritten(plain, {{.kind = Rewrite::Kind::kMessageClip, .bound = 1e9}});
    const CheckPoint point = point_of(plain, 6);
    const auto found = gradients(clipped, point);
    const auto expected = gradients(plain, point);
    EXPECT_EQ(found.parameters, expected.parameters) << name;
    EXPECT_EQ(found.initial, expected.initial) << name;
    EXPECT_EQ(found.inputs, expected.inputs) << name;
  }
}

TEST(MessageClipBound, OfReadsTogether) {
  // h is read three times; each sends 0.8 of the bound.
  const Graph graph =
      rewritten(graph_of("cell c\ninput x\nstate h\nh' = U x\noutput h + h * 1 + (0 + h) + h'\n", {1, 1, 1}),
                {{.kind = Rewrite::Kind::kMessageClip, .bound = 1}});
  CheckPoint point = point_of(graph, 1);
  point.output_weights = {0.8};
  EXPECT_EQ(gradients(graph, point).initial[0][0], 1);
}

TEST(MessageClipBound, MustBePositive) {
  const auto refusal = [](double bound) {
    return refusal_of(shipped_graph("lstm"), {{.kind = Rewrite::Kind::kMessageClip, .bound = bound}});
  };
  EXPECT_THAT(refusal(0), HasSubstr("message clip: the bound is 0; expected a number above 0"));
  EXPECT_THAT(refusal(-1), HasSubstr("the bound is -1"));
  EXPECT_EQ(refusal(0.1), "no error");
}

TEST(MessageClipBound, DoesNotExistInEvaluation) {
  const Graph graph = shipped_graph("lstm");
  EXPECT_EQ(graph_text(rewritten(graph, {kClip}, Mode::kEvaluation)), graph_text(graph));
}

}  // namespace
}  // namespace unfold::recurrence
