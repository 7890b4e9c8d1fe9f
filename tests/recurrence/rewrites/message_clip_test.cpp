// The message clip, against backpropagation tick by tick with the message clipped by hand in between.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "recurrence/graph/graph_text.h"
#include "recurrence/one_sequence.h"
#include "recurrence/recurrent_cells.h"
#include "recurrence/rewrites/rewrite.h"

namespace unfold::recurrence {
namespace {

using ::testing::HasSubstr;

constexpr double kBound = 0.05;
const Rewrite kClip{.kind = Rewrite::Kind::kMessageClip, .bound = kBound};
const std::vector<Rewrite> kOthers{{.kind = Rewrite::Kind::kVariationalDropout, .rate = 0.25},
                                   {.kind = Rewrite::Kind::kZoneout, .rate = 0.25}};

/// Every tick's message, last tick first, and the sums of the parameters' gradients.
struct ByHand {
  std::vector<Arrays> messages;
  Arrays parameters;
};

ByHand clip_by_hand(const Graph& unclipped, const CheckPoint& point, Index ticks) {
  const auto states = states_of(unclipped, point);
  ByHand result{{}, zeros_like(point.arguments.parameters)};
  Arrays message = point.final_weights;
  for (Index tick = ticks - 1; tick >= 0; --tick) {
    const auto found = gradients_of(unclipped, window_of(unclipped, point, tick, tick + 1, states[at(tick)], message));
    message = found.initial;
    for (auto& state : message) {
      for (double& value : state) value = std::clamp(value, -kBound, kBound);
    }
    result.messages.push_back(message);
    add_to(result.parameters, found.parameters);
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
  const CheckPoint point = one_sequence(unclipped, ticks);
  const ByHand expected = clip_by_hand(unclipped, point, ticks);
  const auto found = gradients_of(clipped, point);
  for (std::size_t p = 0; p < found.parameters.size(); ++p) {
    const auto difference = disagreement(clipped.parameters[p].name, found.parameters[p], expected.parameters[p], 1);
    EXPECT_LT(difference.worst, 1e-12) << difference.name;  // the same sums in double, in another order
  }
  // The message that tick t sends is what a run of the ticks from t on sends to its first state.
  const auto states = states_of(unclipped, point);
  double largest = 0;
  for (Index tick = 0; tick < ticks; ++tick) {
    const auto rest = window_of(clipped, point, tick, ticks, states[at(tick)], point.final_weights);
    const Arrays message = gradients_of(clipped, rest).initial;
    EXPECT_EQ(message, expected.messages[at(ticks - 1 - tick)]) << "tick " << tick;
    largest = std::max(largest, largest_of(message));
  }
  EXPECT_EQ(largest, kBound) << "never exceeded, and reached, else this test shows nothing";
}

INSTANTIATE_TEST_SUITE_P(Cells, MessageClip, testing::ValuesIn(recurrent_cells()),
                         [](const auto& cell) { return cell.param; });

TEST(MessageClipBound, AboveEveryMessageChangesNoBit) {
  for (const std::string& name : shipped_cells()) {
    const Graph plain = shipped_graph(name);
    const Graph clipped = rewritten(plain, {{.kind = Rewrite::Kind::kMessageClip, .bound = 1e9}});
    const CheckPoint point = one_sequence(plain, 6);
    const auto found = gradients_of(clipped, point);
    const auto expected = gradients_of(plain, point);
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
  CheckPoint point = one_sequence(graph, 1);
  point.output_weights = {0.8};
  EXPECT_EQ(gradients_of(graph, point).initial[0][0], 1);
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
