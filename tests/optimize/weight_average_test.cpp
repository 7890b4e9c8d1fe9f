#include "unfold/weight_average.h"

#include <gtest/gtest.h>

#include <cmath>

#include "optimize/parameters.h"
#include "unfold/error.h"

namespace unfold {
namespace {

/// One rounding a step of values near 1.
constexpr double kTolerance = 1e-6;

/// The weight of step t, something that wanders.
float weight(int t) { return std::sin(static_cast<float>(t)); }

void set(Parameter& w, float value) { w.edit()[0] = value; }

float averaged(const Parameter& w, WeightAverage& average) {
  const AveragedWeights swapped(&average);
  return w.value()[0];
}

TEST(WeightAverage, WithoutDecayIsTheMeanSinceItsBeginning) {
  Parameter w = parameter_of("w", {weight(0)});
  WeightAverage average({&w}, 0);
  average.add();  // not begun: nothing
  EXPECT_FALSE(average.begun());
  EXPECT_EQ(averaged(w, average), weight(0));
  average.begin();
  double sum = weight(0);
  for (int t = 1; t < 20; ++t) {
    set(w, weight(t));
    average.add();
    sum += weight(t);
    EXPECT_NEAR(averaged(w, average), sum / (t + 1), kTolerance) << t;
    EXPECT_EQ(w.value()[0], weight(t)) << "training goes on with the weights themselves";
  }
}

TEST(WeightAverage, WithDecayIsExponentialAndSoonForgetsTheBeginning) {
  constexpr double kDecay = 0.6;
  Parameter w = parameter_of("w", {weight(0)});
  WeightAverage average({&w}, kDecay);
  average.begin();
  double expected = weight(0);
  for (int t = 1; t < 30; ++t) {
    set(w, weight(t));
    average.add();
    const double d = std::min(kDecay, (1.0 + t) / (10.0 + t));
    expected = d * expected + (1 - d) * weight(t);
    EXPECT_NEAR(averaged(w, average), expected, kTolerance) << t;
  }
}

TEST(WeightAverage, SwappingRaisesTheVersionAndLeavesFixedParametersAlone) {
  Parameter w = parameter_of("w", {1}), fixed = parameter_of("r", {2}, false);
  WeightAverage average({&w, &fixed}, 0);
  average.begin();
  const std::uint64_t version = w.version();
  average.swap();
  EXPECT_GT(w.version(), version) << "packed copies of the weights must be made again";
  EXPECT_EQ(average.save().tensors.size(), 1U);
}

TEST(WeightAverage, ContinuesFromASavedStateBitForBit) {
  const auto follow = [](Parameter& w, WeightAverage& average, int first, int last) {
    for (int t = first; t < last; ++t) {
      set(w, weight(t));
      average.add();
    }
  };
  Parameter whole = parameter_of("w", {weight(0)}), half = parameter_of("w", {weight(0)});
  WeightAverage average_whole({&whole}, 0.9), average_half({&half}, 0.9);
  average_whole.begin();
  average_half.begin();
  follow(whole, average_whole, 1, 10);
  follow(half, average_half, 1, 5);
  WeightAverage continued({&half}, 0.9);
  continued.load(average_half.save());
  follow(half, continued, 5, 10);
  EXPECT_EQ(averaged(half, continued), averaged(whole, average_whole));

  WeightAverage unbegun({&half}, 0.9);
  continued.load(unbegun.save());
  EXPECT_FALSE(continued.begun());
  Parameter other = parameter_of("other", {1});
  EXPECT_THROW(WeightAverage({&other}, 0.9).load(average_half.save()), InputError);
}

TEST(StoppedImproving, ComparesWithTheLowestOfAllButTheLastFew) {
  constexpr std::size_t kInterval = 2;
  EXPECT_FALSE(stopped_improving(std::vector<double>{}, kInterval));
  EXPECT_FALSE(stopped_improving(std::vector<double>{3, 4, 5}, kInterval)) << "too early to say";
  EXPECT_TRUE(stopped_improving(std::vector<double>{3, 4, 5, 6}, kInterval));
  EXPECT_TRUE(stopped_improving(std::vector<double>{3, 1, 1, 3.5}, kInterval)) << "the last two do not count";
  EXPECT_FALSE(stopped_improving(std::vector<double>{3, 1, 1, 2.5}, kInterval));
  EXPECT_FALSE(stopped_improving(std::vector<double>{3, 5, 5, 3}, kInterval)) << "equal is not above";
}

}  // namespace
}  // namespace unfold
