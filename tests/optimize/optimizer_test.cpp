#include "unfold/optimizer.h"

#include <gtest/gtest.h>

#include <array>
#include <cmath>

#include "base/threads.h"
#include "unfold/error.h"

namespace unfold {
namespace {

// The updates are computed in float32: a few roundings of values near 1.
constexpr double kTolerance = 1e-6;

Parameter parameter_of(const std::string& name, std::vector<float> values, bool trainable = true) {
  const Shape shape{static_cast<Index>(values.size())};
  Parameter parameter(name, shape, trainable);
  parameter.edit() = Tensor(shape, values);
  return parameter;
}

void set_gradient(Parameter& parameter, std::vector<float> values) {
  parameter.gradient() = Tensor(parameter.shape(), values);
}

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
  Sgd sgd({&fixed});
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

TEST(Clipping, NormIsThatOfAllGradientsTogether) {
  Parameter a = parameter_of("a", {0, 0});
  Parameter b = parameter_of("b", {0});
  set_gradient(a, {2, 3});
  set_gradient(b, {6});
  EXPECT_DOUBLE_EQ(global_norm({&a, &b}), 7.0);
  EXPECT_DOUBLE_EQ(clip_factor(7.0, 3.5), 0.5);
  EXPECT_DOUBLE_EQ(clip_factor(7.0, 8.0), 1.0);
  EXPECT_DOUBLE_EQ(clip_factor(7.0, 0.0), 1.0);

  EXPECT_DOUBLE_EQ(clip_by_global_norm({&a, &b}, 3.5), 7.0);
  EXPECT_EQ(a.gradient()[1], 1.5F);
  EXPECT_EQ(b.gradient()[0], 3.0F);
  EXPECT_DOUBLE_EQ(clip_by_global_norm({&a, &b}, 100.0), 3.5);
  EXPECT_EQ(b.gradient()[0], 3.0F);
}

TEST(Clipping, NormHasTheSameBitsOnAnyNumberOfThreads) {
  Parameter w("w", {300, 1000});
  for (Index i = 0; i < w.gradient().count(); ++i) w.gradient()[i] = std::sin(static_cast<float>(i));
  const int before = thread_count();
  set_thread_count(1);
  const double one = global_norm({&w});
  set_thread_count(3);
  const double three = global_norm({&w});
  set_thread_count(before);
  EXPECT_EQ(one, three);
}

TEST(Schedule, ConstantWithWarmup) {
  const Schedule schedule = {.kind = Schedule::Kind::kConstant, .peak = 0.4, .warmup = 4};
  EXPECT_DOUBLE_EQ(learning_rate(schedule, 0, 10), 0.1);
  EXPECT_DOUBLE_EQ(learning_rate(schedule, 3, 10), 0.4);
  EXPECT_DOUBLE_EQ(learning_rate(schedule, 9, 10), 0.4);
}

TEST(Schedule, CosineFallsFromThePeakToItsFraction) {
  const Schedule schedule = {.kind = Schedule::Kind::kCosine, .peak = 1.0, .warmup = 2, .final_fraction = 0.1};
  EXPECT_DOUBLE_EQ(learning_rate(schedule, 1, 12), 1.0);
  EXPECT_DOUBLE_EQ(learning_rate(schedule, 2, 12), 1.0);
  EXPECT_DOUBLE_EQ(learning_rate(schedule, 7, 12), 0.55);  // half way
  EXPECT_NEAR(learning_rate(schedule, 12, 12), 0.1, 1e-15);
  for (std::uint64_t step = 3; step < 12; ++step) {
    EXPECT_LT(learning_rate(schedule, step, 12), learning_rate(schedule, step - 1, 12));
  }
}

TEST(Schedule, ARunShorterThanItsWarmupKeepsGrowing) {
  const Schedule schedule = {.kind = Schedule::Kind::kCosine, .peak = 1.0, .warmup = 20};
  EXPECT_DOUBLE_EQ(learning_rate(schedule, 9, 10), 0.5);
}

}  // namespace
}  // namespace unfold
