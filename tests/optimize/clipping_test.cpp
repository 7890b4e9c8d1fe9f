// Clipping by value and by norm: never above the threshold, nothing changed below it, the direction kept by the norm.
#include "unfold/clipping.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "base/random.h"
#include "base/thread_count_kept.h"
#include "optimize/parameters.h"
#include "unfold/optimizer.h"

namespace unfold {
namespace {

/// Roundings of a factor and of products in float32.
constexpr double kTolerance = 1e-6;

/// Two parameters with random gradients in [-scale, scale).
class ClippingRandom : public testing::TestWithParam<float> {
 protected:
  ClippingRandom() {
    Random random(7);
    for (Parameter* parameter : parameters_) {
      for (float& g : parameter->gradient().values()) g = GetParam() * (2 * random.uniform() - 1);
    }
  }
  std::vector<double> gradient() const {
    std::vector<double> all;
    for (const Parameter* parameter : parameters_) {
      const auto values = parameter->gradient().values();
      all.insert(all.end(), values.begin(), values.end());
    }
    return all;
  }

  Parameter a_{"a", {17, 5}}, b_{"b", {3}};
  ParameterList parameters_ = {&a_, &b_};
};

double dot(const std::vector<double>& x, const std::vector<double>& y) {
  double sum = 0;
  for (std::size_t i = 0; i < x.size(); ++i) sum += x[i] * y[i];
  return sum;
}

TEST_P(ClippingRandom, ByValueNoElementExceedsTheThresholdAndSmallerOnesStay) {
  constexpr double kThreshold = 0.75;
  const std::vector<double> before = gradient();
  clip_gradient(parameters_, {.value = kThreshold});
  const std::vector<double> after = gradient();
  double largest = 0;
  for (std::size_t i = 0; i < before.size(); ++i) {
    largest = std::max(largest, std::abs(after[i]));
    EXPECT_EQ(after[i], std::clamp(before[i], -kThreshold, kThreshold));
  }
  EXPECT_LE(largest, kThreshold);
  if (GetParam() > 1) {
    EXPECT_EQ(largest, kThreshold);
  }
}

TEST_P(ClippingRandom, ByNormTheDirectionStaysAndTheLengthIsBounded) {
  constexpr double kThreshold = 2.5;
  const std::vector<double> before = gradient();
  const double norm = std::sqrt(dot(before, before));
  const ClippedGradient clipped = clip_gradient(parameters_, {.norm = kThreshold});
  EXPECT_NEAR(clipped.norm, norm, 1e-12 * norm);
  // As seen by an optimiser: the step of SGD at rate 1 is the clipped gradient.
  Sgd sgd(parameters_);
  sgd.step(1, clipped.factor);
  std::vector<double> step;
  for (const Parameter* parameter : parameters_) {
    for (const float value : parameter->value().values()) step.push_back(-value);
  }
  const double length = std::sqrt(dot(step, step));
  EXPECT_NEAR(length, std::min(norm, kThreshold), kTolerance * kThreshold);
  EXPECT_NEAR(dot(step, before) / (length * norm), 1, kTolerance);
  if (norm <= kThreshold) {
    EXPECT_EQ(step, before) << "identity below the threshold";
  }
}

TEST_P(ClippingRandom, ValuesAreClippedBeforeTheNorm) {
  const std::vector<double> before = gradient();
  const ClippedGradient both = clip_gradient(parameters_, {.value = 0.75, .norm = 2.5});
  const std::vector<double> clipped = gradient();
  EXPECT_NEAR(both.norm, std::sqrt(dot(before, before)), 1e-12 * both.norm) << "what is reported is unclipped";
  EXPECT_NEAR(both.factor, std::min(1.0, 2.5 / std::sqrt(dot(clipped, clipped))), 1e-12);
}

INSTANTIATE_TEST_SUITE_P(Scales, ClippingRandom, testing::Values(1e-3F, 0.3F, 1.5F, 100.0F));

TEST(Clipping, AGradientThatIsNotFiniteStaysAsItIs) {
  Parameter w = parameter_of("w", {0, 0});
  set_gradient(w, {std::numeric_limits<float>::infinity(), 5});
  const ClippedGradient clipped = clip_gradient({&w}, {.value = 1, .norm = 1});
  EXPECT_TRUE(std::isinf(clipped.norm));
  EXPECT_EQ(w.gradient()[1], 5.0F);
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
}

TEST(Clipping, NormHasTheSameBitsOnAnyNumberOfThreads) {
  Parameter w("w", {300, 1000});
  for (Index i = 0; i < w.gradient().count(); ++i) w.gradient()[i] = std::sin(static_cast<float>(i));
  const ThreadCountKept kept;
  set_thread_count(1);
  const double one = global_norm({&w});
  set_thread_count(3);
  const double three = global_norm({&w});
  EXPECT_EQ(one, three);
}

}  // namespace
}  // namespace unfold
