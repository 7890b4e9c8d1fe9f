#include "recurrence/graph/linearise.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "recurrence/cell_text.h"
#include "recurrence/evaluate_step.h"

namespace unfold::recurrence {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

TEST(Linearise, ReplacesEveryNonLinearFunction) {
  const Graph graph = graph_of(
      "cell c\ninput x\nstate h\nh' = h + 0 * sum(x)\n"
      "output sigmoid(x) + tanh(x) + relu(x) + softplus(x) + exp(x) + log(x) + sqrt(x)");
  const Graph linear = linearise(graph);
  EXPECT_THAT(evaluate_output(linear, {{"x", {-1, 0, 2}}}), ElementsAre(-7, 0, 14));
  EXPECT_THAT(inexact_functions(graph), ElementsAre("exp", "log", "sigmoid", "softplus", "sqrt", "tanh"));
  EXPECT_THAT(inexact_functions(linear), IsEmpty());
}

TEST(Linearise, NamesWhatStaysInexact) {
  EXPECT_THAT(inexact_functions(linearise(graph_of(stepping("h / (1 + abs(h)) + 0.5 * U x - 2 * max(h, 3)")))),
              ElementsAre("divide", "number 0.5"));
  const auto of = [](const std::string& name) {
    return inexact_functions(linearise(build_graph(Cell::load(name).definition(), kOddSizes)));
  };
  EXPECT_THAT(of("lstm"), IsEmpty());
  EXPECT_THAT(of("gru_reset_after"), IsEmpty());
  EXPECT_THAT(of("min_lstm"), ElementsAre("divide"));
  EXPECT_THAT(of("jordan"), ElementsAre("divide"));
}

}  // namespace
}  // namespace unfold::recurrence
