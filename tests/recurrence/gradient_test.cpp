// Backpropagation through time against its textbook form, and the checker against wrong derivatives.
#include "recurrence/gradient.h"

#include <gtest/gtest.h>

#include <cmath>

#include "recurrence/check/check.h"
#include "recurrence/graph/build_graph.h"
#include "unfold/error.h"

namespace unfold::recurrence {
namespace {

Graph graph_of(const std::string& text, const KnownSizes& sizes = {3, 5, 7}) {
  return build_graph(Cell::parse(text, "test.cell").definition(), sizes);
}

double worst_error(const Graph& graph, const GradientGraph& gradient) {
  const auto found = check_gradient(graph, gradient, {});
  return worst_of(found)->worst;
}

// dL/dW = sum over t of sum over k <= t of dL_t/dh_t (prod over i in k+1..t of dh_i/dh_{i-1}) dh_k/dW, as in the
// lectures "Sequence Models" and "Introduction to RNNs": Jacobians multiplied out, nothing accumulated backwards.
TEST(Gradient, EqualsTheExplicitSumOverEarlierSteps) {
  constexpr Index T = 4, H = 2, I = 3;
  const Graph graph = graph_of("cell plain\ninput x\nstate h\nh' = tanh(W h + U x)\noutput h'\n", {I, H, 0});
  CheckOptions options;
  options.lengths = {T};
  CheckPoint point = draw_check_point(graph, options, 1);
  for (auto& weights : point.final_weights)
    std::fill(weights.begin(), weights.end(), 0.0);  // the loss is on outputs alone
  const auto forward = naive_forward(graph, point.unrolling, point.arguments);
  const auto back = naive_backward(graph, differentiate(graph), point.unrolling, point.arguments, forward,
                                   point.output_weights, point.final_weights);

  std::size_t w_number = graph.parameters[0].name == "W" ? 0 : 1;
  const std::vector<double>& w = point.arguments.parameters[w_number];
  const auto h = [&](Index t, Index j) {  // h_0 is the initial state, h_t the output of step t
    return t == 0 ? point.arguments.initial[0][static_cast<std::size_t>(j)]
                  : forward.output[static_cast<std::size_t>((t - 1) * H + j)];
  };
  const auto slope = [&](Index t, Index j) { return 1 - h(t, j) * h(t, j); };
  double sum[H][H] = {};
  for (Index t = 1; t <= T; ++t) {
    for (Index k = 1; k <= t; ++k) {
      double row[H];  // dL_t/dh_t times the product of Jacobians down to step k
      for (Index j = 0; j < H; ++j) row[j] = point.output_weights[static_cast<std::size_t>((t - 1) * H + j)];
      for (Index i = t; i > k; --i) {  // dh_i/dh_{i-1} = diag(1 - h_i^2) W
        double next[H] = {};
        for (Index a = 0; a < H; ++a) {
          for (Index b = 0; b < H; ++b) next[b] += row[a] * slope(i, a) * w[static_cast<std::size_t>(a * H + b)];
        }
        std::copy(next, next + H, row);
      }
      for (Index a = 0; a < H; ++a) {
        for (Index b = 0; b < H; ++b) sum[a][b] += row[a] * slope(k, a) * h(k - 1, b);
      }
    }
  }
  for (Index a = 0; a < H; ++a) {
    for (Index b = 0; b < H; ++b)
      EXPECT_NEAR(back.parameters[w_number][static_cast<std::size_t>(a * H + b)], sum[a][b], 1e-13);  // double rounding
  }
}

TEST(Gradient, EveryFunctionOfTheLanguage) {
  const char* expressions[] = {"sigmoid(a)",
                               "tanh(a)",
                               "relu(a)",
                               "softplus(a)",
                               "exp(a)",
                               "log(2 + a * a)",
                               "sqrt(1 + a * a)",
                               "abs(a)",
                               "square(a)",
                               "softmax(a)",
                               "layer_norm(a)",
                               "hard_sigmoid(a)",
                               "silu(a)",
                               "gelu(a)",
                               "clip(a, -0.5, 0.5)",
                               "max(a, h)",
                               "min(a, h)",
                               "a / (2 + h * h)",
                               "a ^ 3",
                               "sum(a) * h",
                               "mean(a) * h",
                               "max(a) * h",
                               "min(a) * h",
                               "dot(a, h) * a",
                               "-a",
                               "1 - a",
                               "[a[2:], h[0:2]]",
                               "a * (U_2 [h, x, h])",
                               "a * h[0:1]"};
  for (const char* expression : expressions) {
    const Graph graph = graph_of(std::string("cell probe\ninput x\nstate h\na[hidden] = W x + U h\nh' = tanh(") +
                                 expression + ")\noutput h'\n");
    EXPECT_LT(worst_error(graph, differentiate(graph)), kGradientTolerance) << expression;
    for (const auto& found : check_plan(graph, {}, InputValues::Kind::kDense))
      EXPECT_LT(found.worst, kPlanTolerance) << expression << " " << found.name;
  }
}

TEST(Gradient, StopGradientPassesNone) {
  const Graph graph = graph_of("cell stopped\ninput x\nstate h\nh' = tanh(W x + stop_gradient(U h))\noutput h'\n");
  const GradientGraph gradient = differentiate(graph);
  EXPECT_EQ(gradient.graph.next[0], kNoNode);
  for (const auto& part : gradient.parameters)
    EXPECT_EQ(graph.parameters[static_cast<std::size_t>(part.parameter)].name, "W");
  EXPECT_GT(worst_error(graph, gradient), 0.1) << "differences see the path that the gradient does not";
}

TEST(Gradient, ClipGradientBoundsTheMessage) {
  const double bound = 0.01;
  const Graph graph = graph_of("cell clipped\ninput x\nstate h\nh' = W x + clip_gradient(h, 0.01)\noutput h'\n");
  CheckOptions options;
  const CheckPoint point = draw_check_point(graph, options, 2);
  const auto forward = naive_forward(graph, point.unrolling, point.arguments);
  const auto back = naive_backward(graph, differentiate(graph), point.unrolling, point.arguments, forward,
                                   point.output_weights, point.final_weights);
  for (Index sequence = 0; sequence < 4; ++sequence) {
    for (Index j = 0; j < 5; ++j) {
      const double found = std::abs(back.initial[0][static_cast<std::size_t>(sequence * 5 + j)]);
      if (options.lengths[static_cast<std::size_t>(sequence)] > 0) {
        EXPECT_LE(found, bound);
      }
    }
  }
}

TEST(Gradient, StatesWithoutARecurrence) {
  // A state that only delays, one that is only watched, and one that follows the loop: messages, shifts and final
  // gradients.
  const Graph graph = graph_of(
      "cell odd\ninput x\nstate h, d, e\nh' = tanh(W x + U h)\nd' = U_2 x\ne' = h * h'\ny[4] = V d'\noutput [h' + d, "
      "y, e]\n");
  EXPECT_LT(worst_error(graph, differentiate(graph)), kGradientTolerance);
  for (const std::vector<Index>& lengths : {std::vector<Index>{3, 3}, {4, 0, 2, 2, 1}}) {
    CheckOptions options;
    options.lengths = lengths;
    for (const auto& found : check_plan(graph, options, InputValues::Kind::kDense))
      EXPECT_LT(found.worst, kPlanTolerance) << found.name;
  }
}

TEST(Gradient, GivenValuesAndLearnedStarts) {
  const Graph graph = graph_of(
      "cell conditioned\ninput x\ngiven z[4]\nstate h = learned\nh' = tanh(W x + U h + W_z z + sum(z) * b)\noutput "
      "h'\n");
  EXPECT_LT(worst_error(graph, differentiate(graph)), kGradientTolerance);
  for (const auto& found : check_plan(graph, {}, InputValues::Kind::kDense))
    EXPECT_LT(found.worst, kPlanTolerance) << found.name;
}

// --- the checker itself must bite ---

class BrokenGradient : public testing::Test {
 protected:
  Graph graph_ = graph_of(
      "cell victim\ninput x\nstate h, c\ni = sigmoid(W x + U h + b)\nc' = i * c + relu(V x) / (1 + i)\nh' = tanh(c') * "
      "i\noutput h'\n");
  GradientGraph gradient_ = differentiate(graph_);

  /// Replaces the first node for which `matches` holds.
  template <class Matches, class Change>
  void mutate(Matches&& matches, Change&& change) {
    for (Node& node : gradient_.graph.nodes) {
      if (!matches(node)) continue;
      change(node);
      return;
    }
    FAIL() << "nothing to break";
  }
};

TEST_F(BrokenGradient, TheUnbrokenOnePasses) { EXPECT_LT(worst_error(graph_, gradient_), kGradientTolerance); }

TEST_F(BrokenGradient, WrongSlopeIsFound) {
  mutate([](const Node& node) { return node.function == kernels::Function::kSigmoidSlope; },
         [](Node& node) { node.function = kernels::Function::kTanhSlope; });
  EXPECT_GT(worst_error(graph_, gradient_), 1e-3);
}

TEST_F(BrokenGradient, LostFactorIsFound) {
  mutate([](const Node& node) { return node.op == Op::kMap && node.function == kernels::Function::kMultiply; },
         [](Node& node) {
           node.function = kernels::Function::kIdentity;
           node.operands.resize(1);
         });
  EXPECT_GT(worst_error(graph_, gradient_), 1e-3);
}

TEST_F(BrokenGradient, WrongSignIsFound) {
  mutate([](const Node& node) { return node.function == kernels::Function::kSubtract; },
         [](Node& node) { node.function = kernels::Function::kAdd; });
  EXPECT_GT(worst_error(graph_, gradient_), 1e-3);
}

TEST_F(BrokenGradient, LostMessageIsFound) {
  gradient_.graph.next[1] = kNoNode;
  EXPECT_GT(worst_error(graph_, gradient_), 1e-3);
}

TEST_F(BrokenGradient, LostParameterPartIsFound) {
  gradient_.parameters.pop_back();
  EXPECT_GT(worst_error(graph_, gradient_), 1e-3);
}

}  // namespace
}  // namespace unfold::recurrence
