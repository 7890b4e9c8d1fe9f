#include "unfold/optimizer.h"

#include <gtest/gtest.h>

#include <array>
#include <cmath>

#include "optimize/parameters.h"
#include "unfold/clipping.h"
#include "unfold/error.h"

namespace unfold {
namespace {

// The updates are computed in float32: a few roundings of values near 1.
constexpr double kTolerance = 1e-6;

/// Algorithm 1 of Kingma and Ba, line by line, in double.
struct AdamByHand {
  double value, m = 0, v = 0;
  int t = 0;
  void step(double g, double rate, double beta1, double beta2, double epsilon) {
    ++t;
    m = beta1 * m + (1 - beta1) * g;
    v = beta2 * v + (1 - beta2) * g * g;
    const double m_hat = m / (1 - std::pow(beta1, t));
    const double v_hat = v / (1 - std::pow(beta2, t));
    value -= rate * m_hat / (std::sqrt(v_hat) + epsilon);
  }
};

TEST(Adam, FirstStepMovesByTheRate) {
  // m_hat = g and v_hat = g^2, so the step is rate * sign(g), whatever the size of g.
  Parameter w = parameter_of("w", {1, 1, 1});
  Adam adam({&w});
  set_gradient(w, {1e-3F, -7, 0});
  adam.step(0.1);
  EXPECT_NEAR(w.value()[0], 0.9, 1e-5);  // epsilon / |g| = 1e-5
  EXPECT_NEAR(w.value()[1], 1.1, kTolerance);
  EXPECT_EQ(w.value()[2], 1.0F);
}

TEST(Adam, FollowsTheAlgorithm) {
  const AdamOptions options = {.beta1 = 0.8, .beta2 = 0.95, .epsilon = 1e-3};
  const std::array<double, 5> gradients = {0.5, -1.25, 2, 0, 0.75};
  Parameter w = parameter_of("w", {2});
  Adam adam({&w}, options);
  AdamByHand expected{.value = 2};
  for (const double g : gradients) {
    set_gradient(w, {static_cast<float>(g)});
    adam.step(0.05, 0.5);
    expected.step(0.5 * g, 0.05, options.beta1, options.beta2, options.epsilon);
    EXPECT_NEAR(w.value()[0], expected.value, kTolerance);
  }
}

TEST(Adam, ZeroesGradientsAndRaisesTheVersion) {
  Parameter w = parameter_of("w", {1, 2});
  Adam adam({&w});
  set_gradient(w, {3, 4});
  const std::uint64_t version = w.version();
  adam.step(0.1);
  EXPECT_GT(w.version(), version);
  EXPECT_EQ(w.gradient()[0], 0.0F);
  EXPECT_EQ(w.gradient()[1], 0.0F);
}

TEST(Optimizers, LeaveFixedParametersAlone) {
  Parameter fixed = parameter_of("r", {1}, false);
  set_gradient(fixed, {5});
  Adam adam({&fixed});
  Sgd sgd({&fixed}, 0.5);
  adam.step(0.1);
  sgd.step(0.1);
  EXPECT_EQ(fixed.value()[0], 1.0F);
  EXPECT_EQ(adam.save().tensors.size(), 0U);
  EXPECT_EQ(global_norm({&fixed}), 0.0);
}

TEST(Adam, ContinuesFromASavedStateBitForBit) {
  const auto train = [](Parameter& w, Adam& adam, int first, int last) {
    for (int step = first; step < last; ++step) {
      set_gradient(w, {std::sin(static_cast<float>(step)), 0.25F * static_cast<float>(step)});
      adam.step(0.01);
    }
  };
  Parameter whole = parameter_of("w", {1, 2});
  Adam adam_whole({&whole});
  train(whole, adam_whole, 0, 10);

  Parameter half = parameter_of("w", {1, 2});
  Adam adam_half({&half});
  train(half, adam_half, 0, 5);
  const OptimizerState state = adam_half.save();
  Adam continued({&half});
  continued.load(state);
  train(half, continued, 5, 10);
  EXPECT_EQ(half.value()[0], whole.value()[0]);
  EXPECT_EQ(half.value()[1], whole.value()[1]);
  EXPECT_EQ(continued.save().steps, 10U);
}

TEST(Adam, RefusesAStateThatDoesNotFitAndKeepsItsOwn) {
  Parameter w = parameter_of("w", {1, 2});
  Parameter other = parameter_of("other", {1, 2});
  Adam adam({&w});
  set_gradient(w, {1, 1});
  adam.step(0.1);
  const auto expect_refused = [&](const OptimizerState& state) {
    EXPECT_THROW(adam.load(state), InputError);
    EXPECT_EQ(adam.save().steps, 1U);
  };
  expect_refused(Adam({&other}).save());
  expect_refused(Adam({&w, &other}).save());
  Parameter longer = parameter_of("w", {1, 2, 3});
  expect_refused(Adam({&longer}).save());
}

TEST(Sgd, SubtractsTheScaledGradient) {
  Parameter w = parameter_of("w", {1, -2});
  Sgd sgd({&w});
  set_gradient(w, {4, 8});
  sgd.step(0.25, 0.5);
  EXPECT_EQ(w.value()[0], 0.5F);
  EXPECT_EQ(w.value()[1], -3.0F);
  EXPECT_EQ(w.gradient()[0], 0.0F);
  EXPECT_THROW(sgd.load(Adam({&w}).save()), InputError);
}

TEST(Optimizers, ClippingScalesTheGradientAndNotTheDecay) {
  Parameter w = parameter_of("w", {2});
  Sgd sgd({&w}, /*weight_decay=*/0.5);
  set_gradient(w, {8});
  sgd.step(0.125, 0.25);
  EXPECT_EQ(w.value()[0], 2.0F - 0.125F * (0.25F * 8.0F + 0.5F * 2.0F));
}

TEST(Optimizers, AdamsDecayIsRescaledByItsMomentsUnlessDecoupled) {
  // Without a gradient, L2 is all there is: the first step moves by the rate whatever the decay. Decoupled, by the
  // decay.
  Parameter coupled = parameter_of("w", {2}), decoupled = parameter_of("w", {2});
  Adam adam({&coupled}, {.weight_decay = 0.01});
  Adam adamw({&decoupled}, {.weight_decay = 0.01, .decoupled = true});
  adam.step(0.1);
  adamw.step(0.1);
  EXPECT_NEAR(coupled.value()[0], 1.9, kTolerance);
  EXPECT_NEAR(decoupled.value()[0], 2 * (1 - 0.1 * 0.01), kTolerance);
}

}  // namespace
}  // namespace unfold
