// Every optimiser against PyTorch's, step by step. The fixture is made by tests/golden/make_golden.py.
#include <gtest/gtest.h>

#include <fstream>
#include <functional>
#include <memory>
#include <nlohmann/json.hpp>

#include "optimize/parameters.h"
#include "unfold/optimizer.h"
#include "unfold/weight_average.h"

namespace unfold {
namespace {

/// A few roundings a step, in float32, of values below 1; PyTorch computed in float64.
constexpr double kGoldenTolerance = 1e-6;

struct Case {
  const char* name;
  std::function<std::unique_ptr<Optimizer>(const ParameterList&, double weight_decay)> make;
};

void PrintTo(const Case& golden, std::ostream* out) { *out << golden.name; }

class GoldenOptimizer : public testing::TestWithParam<Case> {
 protected:
  GoldenOptimizer() {
    std::ifstream file(std::string(UNFOLD_SOURCE_DIR) + "/tests/golden/optimizers.json");
    fixture_ = nlohmann::json::parse(file);
  }
  void expect_values(const nlohmann::json& expected, double weight_decay) {
    Parameter w = parameter_of("w", fixture_["start"]);
    const std::unique_ptr<Optimizer> optimizer = GetParam().make({&w}, weight_decay);
    for (std::size_t step = 0; step < expected.size(); ++step) {
      set_gradient(w, fixture_["gradients"][step]);
      optimizer->step(fixture_["rate"]);
      for (Index i = 0; i < w.value().count(); ++i) {
        EXPECT_NEAR(w.value()[i], expected[step][static_cast<std::size_t>(i)], kGoldenTolerance) << step << ' ' << i;
      }
    }
  }
  nlohmann::json fixture_;
};

TEST_P(GoldenOptimizer, FollowsPyTorch) { expect_values(fixture_["values"][GetParam().name], 0); }

TEST_P(GoldenOptimizer, FollowsPyTorchWithWeightDecay) {
  expect_values(fixture_["decayed"][GetParam().name], fixture_["weight_decay"]);
}

INSTANTIATE_TEST_SUITE_P(
    All, GoldenOptimizer,
    testing::Values(Case{"sgd", [](const ParameterList& p, double decay) { return std::make_unique<Sgd>(p, decay); }},
                    Case{"momentum",
                         [](const ParameterList& p, double decay) {
                           return std::make_unique<Momentum>(p,
                                                             MomentumOptions{.momentum = 0.8, .weight_decay = decay});
                         }},
                    Case{"nesterov",
                         [](const ParameterList& p, double decay) {
                           return std::make_unique<Momentum>(
                               p, MomentumOptions{.momentum = 0.8, .nesterov = true, .weight_decay = decay});
                         }},
                    Case{"rmsprop",
                         [](const ParameterList& p, double decay) {
                           return std::make_unique<RmsProp>(p, RmsPropOptions{.weight_decay = decay});
                         }},
                    Case{"adagrad",
                         [](const ParameterList& p, double decay) {
                           return std::make_unique<Adagrad>(p, AdagradOptions{.weight_decay = decay});
                         }},
                    Case{"adam",
                         [](const ParameterList& p, double decay) {
                           return std::make_unique<Adam>(p, AdamOptions{.weight_decay = decay});
                         }},
                    Case{"adamw",
                         [](const ParameterList& p, double decay) {
                           return std::make_unique<Adam>(p, AdamOptions{.weight_decay = decay, .decoupled = true});
                         }}),
    [](const auto& golden) { return std::string(golden.param.name); });

TEST(GoldenAverage, FollowsPyTorchFromTheSecondStepOn) {
  std::ifstream file(std::string(UNFOLD_SOURCE_DIR) + "/tests/golden/optimizers.json");
  const nlohmann::json fixture = nlohmann::json::parse(file);
  const nlohmann::json& values = fixture["averaged"]["values"];
  Parameter w = parameter_of("w", values[1]);
  WeightAverage average({&w}, 0);
  average.begin();
  for (std::size_t step = 2; step < values.size(); ++step) {
    w.edit() = parameter_of("w", values[step]).value();
    average.add();
  }
  average.swap();
  for (Index i = 0; i < w.value().count(); ++i) {
    EXPECT_NEAR(w.value()[i], fixture["averaged"]["average"][static_cast<std::size_t>(i)], kGoldenTolerance);
  }
}

}  // namespace
}  // namespace unfold
