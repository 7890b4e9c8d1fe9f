// Truncated backpropagation through time (Williams & Peng 1990): windows of T ticks, the state carried, the message
// cut.
#include <gtest/gtest.h>

#include "recurrence/cell_text.h"
#include "recurrence/one_sequence.h"
#include "recurrence/recurrent_cells.h"

namespace unfold::recurrence {
namespace {

constexpr Index kLength = 7;

/// The same sums in float64, in another order.
constexpr double kReordered = 1e-12;

struct Windows {
  std::vector<double> output;
  Arrays parameters;  // gradients, summed over the windows
};

/// Windows of `ticks` ticks, last first. Each receives a message of zeros, or the one its successor sends.
Windows in_windows(const Graph& graph, const CheckPoint& point, Index ticks, bool pass_messages) {
  const auto states = states_of(graph, point);
  Windows result{{}, zeros_like(point.arguments.parameters)};
  Arrays message = point.final_weights;
  for (Index first = (kLength - 1) / ticks * ticks; first >= 0; first -= ticks) {
    const CheckPoint window =
        window_of(graph, point, first, std::min(first + ticks, kLength), states[at(first)], message);
    const auto output = forward_of(graph, window).output;
    result.output.insert(result.output.begin(), output.begin(), output.end());
    const auto gradients = gradients_of(graph, window);
    add_to(result.parameters, gradients.parameters);
    message = pass_messages ? gradients.initial : zeros_like(message);
  }
  return result;
}

double worst_difference(const Arrays& found, const Arrays& expected) {
  double worst = 0;
  for (std::size_t p = 0; p < found.size(); ++p)
    worst = std::max(worst, disagreement("", found[p], expected[p], 1).worst);
  return worst;
}

class Truncation : public testing::TestWithParam<std::string> {
 protected:
  Graph graph_ = shipped_graph(GetParam());
  CheckPoint point_ = one_sequence(graph_, kLength);
};

TEST_P(Truncation, FromTheWholeLengthOnIsFullBackpropagation) {
  const auto full = gradients_of(graph_, point_);
  for (const Index ticks : {kLength, kLength + 1, Index{1000}}) {
    EXPECT_EQ(in_windows(graph_, point_, ticks, false).parameters, full.parameters) << "bit for bit, T = " << ticks;
  }
}

TEST_P(Truncation, CarriesTheStateSoThatForwardIsTheSame) {
  for (const Index ticks : {1, 3, 6})
    EXPECT_EQ(in_windows(graph_, point_, ticks, false).output, forward_of(graph_, point_).output) << "T = " << ticks;
}

TEST_P(Truncation, CutsNothingButTheMessages) {
  const auto full = gradients_of(graph_, point_).parameters;
  for (const Index ticks : {1, 3, 6}) {
    EXPECT_LT(worst_difference(in_windows(graph_, point_, ticks, true).parameters, full), kReordered)
        << "T = " << ticks;
    EXPECT_GT(worst_difference(in_windows(graph_, point_, ticks, false).parameters, full), 1e-3) << "T = " << ticks;
  }
}

INSTANTIATE_TEST_SUITE_P(Cells, Truncation, testing::ValuesIn(recurrent_cells()),
                         [](const auto& cell) { return cell.param; });

}  // namespace
}  // namespace unfold::recurrence
