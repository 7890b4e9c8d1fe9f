// Two-layer networks against PyTorch, forward and every gradient. The fixtures are made by tests/golden/make_golden.py.
#include <gtest/gtest.h>

#include <cmath>
#include <fstream>
#include <nlohmann/json.hpp>

#include "unfold/recurrence.h"

namespace unfold {
namespace {

using Json = nlohmann::json;

/// Relative to the largest entry of an array. Both sides round to float32 (6e-8); sums over 15 rows and 5 ticks stay
/// far below the 1e-5 that the project promises.
constexpr double kGoldenTolerance = 1e-5;

/// Which rows of PyTorch's stacked arrays one of our parameters is: block `block` of weight_ih, weight_hh or the
/// biases.
struct Part {
  const char* parameter;
  const char* source;  // "ih", "hh", or "both" for the sum of the two biases
  int block;
};

struct Case {
  const char* fixture;
  std::vector<Part> parts;
};

void PrintTo(const Case& golden, std::ostream* out) { *out << golden.fixture; }

void flatten(const Json& json, std::vector<float>& values) {
  if (json.is_number()) {
    values.push_back(json.get<float>());
    return;
  }
  for (const Json& part : json) flatten(part, values);
}

std::vector<float> flat(const Json& json) {
  std::vector<float> values;
  flatten(json, values);
  return values;
}

class Golden : public testing::TestWithParam<Case> {
 protected:
  void SetUp() override {
    std::ifstream file(std::string(UNFOLD_SOURCE_DIR) + "/tests/golden/" + GetParam().fixture + ".json");
    ASSERT_TRUE(file.good());
    fixture_ = Json::parse(file);
  }

  Index size(const char* name) const { return fixture_["sizes"][name].get<Index>(); }

  /// PyTorch's array for a part of layer `layer`, from "weights" or "gradients". Biases that are summed going forward
  /// receive the same gradient each, so one of the two serves.
  std::vector<float> expected(const char* section, const Part& part, int layer, bool matrix, Index rows,
                              Index columns) const {
    const auto block = [&](const std::string& source) {
      const std::string key = (matrix ? "weight_" : "bias_") + source + "_l" + std::to_string(layer);
      const std::vector<float> all = flat(fixture_[section][key]);
      const auto begin = all.begin() + part.block * rows * columns;
      return std::vector<float>(begin, begin + rows * columns);
    };
    if (std::string(part.source) != "both") return block(part.source);
    std::vector<float> sum = block("ih");
    if (std::string(section) == "weights") {
      const std::vector<float> other = block("hh");
      for (std::size_t i = 0; i < sum.size(); ++i) sum[i] += other[i];
    }
    return sum;
  }

  static void expect_near(std::span<const float> found, const std::vector<float>& wanted, const std::string& what) {
    ASSERT_EQ(found.size(), wanted.size()) << what;
    double largest = 0;
    for (const float value : wanted) largest = std::max(largest, std::abs(static_cast<double>(value)));
    ASSERT_GT(largest, 0) << what;
    for (std::size_t i = 0; i < found.size(); ++i) {
      EXPECT_LT(std::abs(static_cast<double>(found[i]) - wanted[i]) / largest, kGoldenTolerance)
          << what << " entry " << i;
    }
  }

  Json fixture_;
};

TEST_P(Golden, ForwardAndAllGradientsEqualPyTorch) {
  const Index layers = size("layers"), batch = size("B"), hidden = size("H");
  const Unrolling unrolling = Unrolling::equal(size("T"), batch);
  const Cell cell = Cell::load(GetParam().fixture);

  std::vector<Recurrence> stack;
  for (int layer = 0; layer < layers; ++layer) {
    stack.emplace_back(cell, Sizes{layer == 0 ? size("I") : hidden, hidden, 0});
    ASSERT_EQ(stack.back().parameters().size(), GetParam().parts.size());
    for (Parameter* parameter : stack.back().parameters()) {
      for (const Part& part : GetParam().parts) {
        if (parameter->name() != part.parameter) continue;
        const bool matrix = parameter->shape().rank() == 2;
        const auto values =
            expected("weights", part, layer, matrix, parameter->shape()[0], matrix ? parameter->shape()[1] : 1);
        std::copy(values.begin(), values.end(), parameter->edit().data());
      }
    }
  }

  const auto per_layer = [&](const Json& states, int layer) {
    CellState result;
    for (const Json& state : states)
      result.emplace_back(Shape{batch, hidden}, flat(state[static_cast<std::size_t>(layer)]));
    return result;
  };
  Tensor x({unrolling.rows(), size("I")}, flat(fixture_["input"]));
  std::vector<ForwardResult> results;
  for (int layer = 0; layer < layers; ++layer) {
    ForwardArguments arguments;
    arguments.unrolling = &unrolling;
    arguments.inputs = {{InputValues::Kind::kDense, layer == 0 ? &x : &results.back().output, {}}};
    const CellState initial = per_layer(fixture_["initial"], layer);
    arguments.initial = &initial;
    arguments.keep_for_backward = true;
    results.reserve(static_cast<std::size_t>(layers));
    results.push_back(stack[static_cast<std::size_t>(layer)].forward(arguments));
    const CellState& final = results.back().final;
    for (std::size_t s = 0; s < final.size(); ++s) {
      expect_near(final[s].values(), flat(fixture_["final"][s][static_cast<std::size_t>(layer)]), "final state");
    }
  }
  expect_near(results.back().output.values(), flat(fixture_["output"]), "output");

  Tensor gradient({unrolling.rows(), hidden}, flat(fixture_["output_weights"]));
  for (int layer = static_cast<int>(layers) - 1; layer >= 0; --layer) {
    BackwardArguments arguments;
    arguments.output_gradient = gradient;
    const CellState final_weights = per_layer(fixture_["final_weights"], layer);
    arguments.final_gradient = &final_weights;
    arguments.want_initial_gradient = true;
    Recurrence& recurrence = stack[static_cast<std::size_t>(layer)];
    BackwardResult back = recurrence.backward(results[static_cast<std::size_t>(layer)].execution, arguments);
    for (std::size_t s = 0; s < back.initial.size(); ++s) {
      expect_near(back.initial[s].values(), flat(fixture_["initial_gradients"][s][static_cast<std::size_t>(layer)]),
                  "gradient of the initial state");
    }
    for (const Parameter* parameter : recurrence.parameters()) {
      for (const Part& part : GetParam().parts) {
        if (parameter->name() != part.parameter) continue;
        const bool matrix = parameter->shape().rank() == 2;
        expect_near(
            parameter->gradient().values(),
            expected("gradients", part, layer, matrix, parameter->shape()[0], matrix ? parameter->shape()[1] : 1),
            parameter->name() + " of layer " + std::to_string(layer));
      }
    }
    gradient = std::move(back.inputs[0]);
  }
  expect_near(gradient.values(), flat(fixture_["input_gradient"]), "gradient of the input");
}

// PyTorch stacks an LSTM's gates in the order i f g o, a GRU's r z n.
INSTANTIATE_TEST_SUITE_P(PyTorch, Golden,
                         testing::Values(Case{"lstm",
                                              {{"W_xi", "ih", 0},
                                               {"W_hi", "hh", 0},
                                               {"b_i", "both", 0},
                                               {"W_xf", "ih", 1},
                                               {"W_hf", "hh", 1},
                                               {"b_f", "both", 1},
                                               {"W_xo", "ih", 3},
                                               {"W_ho", "hh", 3},
                                               {"b_o", "both", 3},
                                               {"W_xg", "ih", 2},
                                               {"W_hg", "hh", 2},
                                               {"b_g", "both", 2}}},
                                         Case{"gru_reset_after",
                                              {{"W_r", "ih", 0},
                                               {"U_r", "hh", 0},
                                               {"b_r", "both", 0},
                                               {"W_z", "ih", 1},
                                               {"U_z", "hh", 1},
                                               {"b_z", "both", 1},
                                               {"W", "ih", 2},
                                               {"U", "hh", 2},
                                               {"b", "ih", 2},
                                               {"b_h", "hh", 2}}},
                                         Case{"elman", {{"U", "ih", 0}, {"W", "hh", 0}, {"b", "both", 0}}},
                                         Case{"elman_relu", {{"U", "ih", 0}, {"W", "hh", 0}, {"b", "both", 0}}}),
                         [](const auto& golden) { return std::string(golden.param.fixture); });

}  // namespace
}  // namespace unfold
