// Optimiser sweeps against the naive twins in double precision.
#include "tensor/kernels/update.h"

#include "kernel_test.h"
#include "tensor/kernels/update_naive.h"

namespace unfold::kernels {
namespace {

/// A handful of roundings of numbers around 1.
constexpr double kTolerance = 2e-6;

std::vector<double> exact(Guarded& values) { return {values.data(), values.data() + values.count()}; }

void expect_near(Guarded& actual, const std::vector<double>& expected) {
  for (Index i = 0; i < actual.count(); ++i) {
    ASSERT_NEAR(actual[i], expected[static_cast<std::size_t>(i)], kTolerance) << i;
  }
  EXPECT_TRUE(actual.intact());
}

constexpr AdamStep kAdam{
    .rate = 0.01f, .beta1 = 0.9f, .beta2 = 0.999f, .epsilon = 1e-6f, .decay = 0.001f, .gradient_scale = 0.5f};

TEST(Update, AdamAgreesWithItsNaiveTwin) {
  for_each_instruction_set([] {
    for (const Index count : kOddSizes) {
      Guarded value(count), gradient(count), m(count), v(count);
      fill_random(value.data(), count, 1);
      fill_random(gradient.data(), count, 2);
      fill_random(m.data(), count, 3, -0.1f, 0.1f);
      fill_random(v.data(), count, 4, 0.1f, 0.2f);
      auto values = exact(value), gradients = exact(gradient), ms = exact(m), vs = exact(v);
      adam(value.data(), gradient.data(), m.data(), v.data(), count, kAdam);
      naive::adam(values.data(), gradients.data(), ms.data(), vs.data(), count, kAdam);
      expect_near(value, values);
      expect_near(m, ms);
      expect_near(v, vs);
      for (Index i = 0; i < count; ++i) EXPECT_EQ(gradient[i], 0.0f);
      EXPECT_TRUE(gradient.intact());
    }
  });
}

TEST(Update, TheFirstAdamStepIsTheRateInTheGradientsDirection) {
  // From zero moments, with the bias corrections of step 1: m / sqrt(v) = g / |g|.
  constexpr float kRate = 0.01f;
  const float corrected = kRate * std::sqrt(1 - 0.999f) / (1 - 0.9f);
  const AdamStep step{.rate = corrected, .beta1 = 0.9f, .beta2 = 0.999f, .epsilon = 0, .decay = 0, .gradient_scale = 1};
  for (const float slope : {3.0f, -0.02f}) {
    float value = 1, gradient = slope, m = 0, v = 0;
    adam(&value, &gradient, &m, &v, 1, step);
    EXPECT_NEAR(value, slope > 0 ? 1 - kRate : 1 + kRate, 1e-6);
  }
}

TEST(Update, SgdAgreesWithItsNaiveTwin) {
  constexpr SgdStep kStep{.rate = 0.1f, .momentum = 0.9f, .decay = 0.01f, .gradient_scale = 0.5f};
  for_each_instruction_set([=] {
    for (const Index count : kOddSizes) {
      for (const bool has_velocity : {false, true}) {
        Guarded value(count), gradient(count), velocity(count);
        fill_random(value.data(), count, 1);
        fill_random(gradient.data(), count, 2);
        fill_random(velocity.data(), count, 3);
        auto values = exact(value), gradients = exact(gradient), velocities = exact(velocity);
        sgd(value.data(), gradient.data(), has_velocity ? velocity.data() : nullptr, count, kStep);
        naive::sgd(values.data(), gradients.data(), has_velocity ? velocities.data() : nullptr, count, kStep);
        expect_near(value, values);
        expect_near(velocity, velocities);
        for (Index i = 0; i < count; ++i) EXPECT_EQ(gradient[i], 0.0f);
      }
    }
  });
}

TEST(Update, SplittingAnArrayChangesNoBit) {
  constexpr Index kCount = 101, kFirst = 37;
  for_each_instruction_set([] {
    Guarded value(kCount), gradient(kCount), m(kCount), v(kCount);
    fill_random(value.data(), kCount, 1);
    fill_random(gradient.data(), kCount, 2);
    fill_random(m.data(), kCount, 3);
    fill_random(v.data(), kCount, 4, 0, 1);
    Guarded parts = value, part_gradient = gradient, part_m = m, part_v = v;
    adam(value.data(), gradient.data(), m.data(), v.data(), kCount, kAdam);
    adam(parts.data(), part_gradient.data(), part_m.data(), part_v.data(), kFirst, kAdam);
    adam(parts.data() + kFirst, part_gradient.data() + kFirst, part_m.data() + kFirst, part_v.data() + kFirst,
         kCount - kFirst, kAdam);
    for (Index i = 0; i < kCount; ++i) EXPECT_EQ(value[i], parts[i]) << i;
  });
}

}  // namespace
}  // namespace unfold::kernels
