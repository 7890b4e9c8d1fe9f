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

constexpr Direction kDirection{.scale = 0.5f, .penalty = 0.02f};
constexpr AdamStep kAdam{.direction = kDirection,
                         .rate = 0.01f,
                         .beta1 = 0.9f,
                         .beta1_rest = 0.1f,
                         .beta2 = 0.999f,
                         .beta2_rest = 0.001f,
                         .epsilon = 1e-6f,
                         .decay = 0.001f};

/// Runs a sweep over value, gradient and `memories` arrays of odd sizes, and its naive twin in double over the same.
template <std::size_t kMemories, class Fast, class Naive>
void expect_agreement(const Fast& fast, const Naive& twin) {
  for_each_instruction_set([&] {
    for (const Index count : kOddSizes) {
      std::vector<Guarded> arrays(2 + kMemories, Guarded(count));
      std::vector<std::vector<double>> expected;
      std::vector<float*> pointers;
      std::vector<double*> twins;
      for (std::size_t k = 0; k < arrays.size(); ++k) {
        // Memories are positive: some are running means of squares, whose roots near 0 would magnify every rounding.
        fill_random(arrays[k].data(), count, k + 1, k < 2 ? -1.0f : 0.1f, k < 2 ? 1.0f : 0.2f);
        expected.push_back(exact(arrays[k]));
        pointers.push_back(arrays[k].data());
      }
      for (std::vector<double>& values : expected) twins.push_back(values.data());
      fast(pointers.data(), count);
      twin(twins.data(), count);
      for (std::size_t k = 0; k < arrays.size(); ++k) expect_near(arrays[k], expected[k]);
      for (Index i = 0; i < count; ++i) EXPECT_EQ(arrays[1][i], 0.0f) << "the gradient";
    }
  });
}

TEST(Update, AdamAgreesWithItsNaiveTwin) {
  expect_agreement<2>([](float** a, Index count) { adam(a[0], a[1], a[2], a[3], count, kAdam); },
                      [](double** a, Index count) { naive::adam(a[0], a[1], a[2], a[3], count, kAdam); });
}

TEST(Update, SgdAgreesWithItsNaiveTwin) {
  constexpr SgdStep kStep{.direction = kDirection, .rate = 0.1f};
  expect_agreement<0>([=](float** a, Index count) { sgd(a[0], a[1], count, kStep); },
                      [=](double** a, Index count) { naive::sgd(a[0], a[1], count, kStep); });
}

TEST(Update, MomentumAgreesWithItsNaiveTwin) {
  for (const bool nesterov : {false, true}) {
    const MomentumStep step{.direction = kDirection, .rate = 0.1f, .momentum = 0.9f, .nesterov = nesterov};
    expect_agreement<1>([=](float** a, Index count) { momentum(a[0], a[1], a[2], count, step); },
                        [=](double** a, Index count) { naive::momentum(a[0], a[1], a[2], count, step); });
  }
}

TEST(Update, RootAgreesWithItsNaiveTwin) {
  constexpr RootStep kStep{.direction = kDirection, .rate = 0.1f, .keep = 0.9f, .add = 0.1f, .epsilon = 1e-6f};
  expect_agreement<1>([=](float** a, Index count) { root(a[0], a[1], a[2], count, kStep); },
                      [=](double** a, Index count) { naive::root(a[0], a[1], a[2], count, kStep); });
}

TEST(Update, MoveTowardsAgreesWithItsNaiveTwin) {
  constexpr float kShare = 0.3f;
  for_each_instruction_set([=] {
    for (const Index count : kOddSizes) {
      Guarded average(count), value(count);
      fill_random(average.data(), count, 1);
      fill_random(value.data(), count, 2);
      auto averages = exact(average);
      const auto values = exact(value);
      move_towards(average.data(), value.data(), kShare, count);
      naive::move_towards(averages.data(), values.data(), kShare, count);
      expect_near(average, averages);
    }
  });
}

TEST(Update, ClippingKeepsWhatIsInside) {
  const float infinity = std::numeric_limits<float>::infinity();
  for_each_instruction_set([=] {
    for (const Index count : kOddSizes) {
      Guarded values(count);
      fill_random(values.data(), count, 1, -2, 2);
      if (count > 2) values[0] = infinity, values[1] = -infinity, values[count - 1] = std::nanf("");
      Guarded clipped = values, twin = values;
      clip(clipped.data(), 1.25f, count);
      naive::clip(twin.data(), 1.25f, count);
      for (Index i = 0; i < count; ++i) {
        if (std::isnan(values[i])) {
          EXPECT_TRUE(std::isnan(clipped[i]) && std::isnan(twin[i]));
          continue;
        }
        EXPECT_EQ(clipped[i], std::fmin(std::fmax(values[i], -1.25f), 1.25f));
        EXPECT_EQ(clipped[i], twin[i]);
      }
      EXPECT_TRUE(clipped.intact());
    }
  });
}

TEST(Update, TheFirstAdamStepIsTheRateInTheGradientsDirection) {
  // From zero moments, with the bias corrections of step 1: m / sqrt(v) = g / |g|.
  constexpr float kRate = 0.01f;
  const float corrected = kRate * std::sqrt(0.001f) / 0.1f;
  const AdamStep step{.direction = {},
                      .rate = corrected,
                      .beta1 = 0.9f,
                      .beta1_rest = 0.1f,
                      .beta2 = 0.999f,
                      .beta2_rest = 0.001f,
                      .epsilon = 0,
                      .decay = 0};
  for (const float slope : {3.0f, -0.02f}) {
    float value = 1, gradient = slope, m = 0, v = 0;
    adam(&value, &gradient, &m, &v, 1, step);
    EXPECT_NEAR(value, slope > 0 ? 1 - kRate : 1 + kRate, 1e-6);
  }
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
