// What each shipped cell is: the equations in closed form, and the parameters its source counts.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "base/random.h"
#include "recurrence/cell_text.h"
#include "recurrence/evaluate_step.h"

namespace unfold::recurrence {
namespace {

// Rounding of a few operations on doubles of order one.
constexpr double kTolerance = 1e-12;

Graph shipped(const std::string& name, KnownSizes sizes = kOddSizes) {
  return build_graph(Cell::load(name).definition(), sizes);
}

Index parameter_count(const std::string& name) {
  Index count = 0;
  for (const auto& parameter : shipped(name).parameters) count += parameter.shape.count();
  return count;
}

TEST(Cells, ParameterCounts) {
  const Index I = kOddSizes.input;
  const Index H = kOddSizes.hidden;
  const Index V = kOddSizes.target;
  const Index gate = H * I + H * H;  // of one gate, without bias
  const Index P = 64;                // the default projection
  const std::map<std::string, Index> expected = {
      {"elman", gate + H},
      {"elman_relu", gate + H},
      {"elman_sigmoid", gate + H},
      {"jordan", H * I + H * V + H + V * H + V},
      {"residual", gate + H},
      {"forget", 2 * (gate + H)},
      {"lstm", 4 * (gate + H)},
      {"lstm_plain", 4 * gate},
      {"gru", 3 * gate},
      {"gru_reset_after", 3 * (gate + H) + H},
      {"deep_transition", gate + H * H + 2 * H},
      {"deep_input", H * I + 2 * H * H + 2 * H},
      {"deep_output", gate + H * H + 2 * H},
      {"deep_skip", gate + 2 * H * H + 2 * H},
      {"lstm_peephole", 4 * (gate + H) + 3 * H},
      {"lstm_coupled", 3 * (gate + H)},
      {"lstm_projected", 4 * (H * I + H * P + H) + P * H},
      {"lstm_layernorm", 4 * gate + 10 * H},
      {"lstm_batchnorm", 4 * gate + 14 * H},
      {"gru_layernorm", 3 * gate + 6 * H},
      {"mgu", 2 * (gate + H)},
      {"indrnn", H * I + 2 * H},
      {"mlstm", 4 * (gate + H) + gate},
      {"rhn", 2 * (gate + H) + 2 * (H * H + H)},
      {"min_gru", 2 * (H * I + H)},
      {"min_lstm", 3 * (H * I + H)},
      {"mlp", H * I + H},
  };
  for (const std::string& name : shipped_cells()) {
    ASSERT_TRUE(expected.contains(name)) << "a count for the new cell " << name;
    EXPECT_EQ(parameter_count(name), expected.at(name)) << name;
  }
  EXPECT_EQ(shipped_cells().size(), expected.size());
}

// With one hidden unit and one input every weight is a number.
constexpr KnownSizes kScalarSizes{1, 1, 1};

Values random_values(const Graph& graph, std::uint64_t key) {
  Random random(key);
  Values values;
  const auto draw = [&](const auto& declarations) {
    for (const auto& declaration : declarations) {
      Vector& value = values[declaration.name];
      for (Index i = 0; i < declaration.shape.count(); ++i) value.push_back(random.normal());
    }
  };
  draw(graph.parameters);
  draw(graph.states);
  draw(graph.inputs);
  return values;
}

double sigmoid(double a) { return 1 / (1 + std::exp(-a)); }

class ScalarCell {
 public:
  explicit ScalarCell(const std::string& name)
      : graph_(shipped(name, kScalarSizes)), values_(random_values(graph_, 7)) {}
  double operator()(const std::string& name) const { return values_.at(name)[0]; }
  double output() const { return evaluate_output(graph_, values_)[0]; }
  double next(std::size_t state) const {
    return evaluate_step(graph_, values_)[static_cast<std::size_t>(graph_.next[state])][0];
  }

 private:
  Graph graph_;
  Values values_;
};

TEST(Cells, Elman) {
  const ScalarCell c("elman");
  EXPECT_NEAR(c.output(), std::tanh(c("W") * c("h") + c("U") * c("x") + c("b")), kTolerance);
}

TEST(Cells, Residual) {
  const ScalarCell c("residual");
  EXPECT_NEAR(c.output(), c("h") + std::tanh(c("W_hid") * c("h") + c("W_inp") * c("x") + c("b")), kTolerance);
}

TEST(Cells, Forget) {
  const ScalarCell c("forget");
  const double update = std::tanh(c("W_hid_update") * c("h") + c("W_inp_update") * c("x") + c("b_update"));
  const double forget = sigmoid(c("W_hid_forget") * c("h") + c("W_inp_forget") * c("x") + c("b_forget"));
  EXPECT_NEAR(c.output(), forget * c("h") + update, kTolerance);
}

TEST(Cells, Lstm) {
  const ScalarCell c("lstm");
  const auto gate = [&](const std::string& g) { return c("W_x" + g) * c("x") + c("W_h" + g) * c("h") + c("b_" + g); };
  const double next_c = sigmoid(gate("f")) * c("c") + sigmoid(gate("i")) * std::tanh(gate("g"));
  EXPECT_NEAR(c.next(1), next_c, kTolerance);
  EXPECT_NEAR(c.output(), sigmoid(gate("o")) * std::tanh(next_c), kTolerance);
}

TEST(Cells, Gru) {
  const Graph graph = shipped("gru", kScalarSizes);
  const Values v = random_values(graph, 7);
  const double h = v.at("h")[0];
  const double x = v.at("x")[0];
  const auto with = [&](const std::string& matrix, double first) {
    return v.at(matrix)[0] * first + v.at(matrix)[1] * x;
  };
  const double z = sigmoid(with("W_z", h));
  const double r = sigmoid(with("W_r", h));
  EXPECT_NEAR(evaluate_output(graph, v)[0], (1 - z) * h + z * std::tanh(with("W", r * h)), kTolerance);
}

TEST(Cells, GruResetAfter) {
  const ScalarCell c("gru_reset_after");
  const double r = sigmoid(c("W_r") * c("x") + c("U_r") * c("h") + c("b_r"));
  const double z = sigmoid(c("W_z") * c("x") + c("U_z") * c("h") + c("b_z"));
  const double g = std::tanh(c("W") * c("x") + c("b") + r * (c("U") * c("h") + c("b_h")));
  EXPECT_NEAR(c.output(), z * c("h") + (1 - z) * g, kTolerance);
}

TEST(Cells, Jordan) {
  const Graph graph = shipped("jordan");
  const Values values = random_values(graph, 3);
  const auto results = evaluate_step(graph, values);
  const Vector& output = results[static_cast<std::size_t>(graph.output)];
  const Vector& next = results[static_cast<std::size_t>(graph.next[0])];
  double sum = 0;
  for (const double o : output) sum += std::exp(o);
  for (std::size_t i = 0; i < output.size(); ++i) EXPECT_NEAR(next[i], std::exp(output[i]) / sum, kTolerance);
}

TEST(Cells, PeepholeOfTheOutputGateSeesTheNewCell) {
  const ScalarCell c("lstm_peephole");
  const double o = sigmoid(c("W_xo") * c("x") + c("W_ho") * c("h") + c("p_o") * c.next(1) + c("b_o"));
  EXPECT_NEAR(c.output(), o * std::tanh(c.next(1)), kTolerance);
}

TEST(Cells, PlainLstmTakesItsFunctionsAsOptions) {
  const Cell cell = Cell::load("lstm_plain(gate = hard_sigmoid, update = relu, squash = softplus)");
  const Graph graph = build_graph(cell.definition(), kScalarSizes);
  const Values v = random_values(graph, 9);
  const auto gate = [&](const std::string& g) {
    return v.at("W_" + g)[0] * v.at("h")[0] + v.at("U_" + g)[0] * v.at("x")[0];
  };
  const auto hard = [](double a) { return std::clamp(a / 6 + 0.5, 0.0, 1.0); };
  const double c = hard(gate("f")) * v.at("c")[0] + hard(gate("i")) * std::max(gate("C"), 0.0);
  EXPECT_NEAR(evaluate_output(graph, v)[0], hard(gate("o")) * std::log1p(std::exp(c)), kTolerance);
}

}  // namespace
}  // namespace unfold::recurrence
