// Sequences that a model makes by itself: the same for a seed, after a prime, and drawn from what the model predicts.
#include "generate/free_running.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <numeric>

#include "layers/vectors/vector_output.h"
#include "unfold/error.h"

namespace unfold {
namespace {

using testing::ElementsAreArray;

SequenceData bits() {
  SequenceData data;
  data.kind = SequenceKind::kVectors;
  data.sequences.emplace_back().values = Tensor({3, 2}, std::vector<float>{1, 0, 0, 1, 1, 1});
  return data;
}

SequenceModel model_of(const VectorCoding& coding) {
  SequenceModelOptions options{.cell = Cell::load("gru")};
  options.hidden = {4};
  options.seed = 2;
  return SequenceModel(options, coding);
}

TEST(FreeRunning, ASeedMakesTheSameSequenceAloneAndBesideOthers) {
  SequenceModel model = model_of(VectorCoding::of(bits(), {}));
  const SequenceStatistics statistics{.start = {0.5F, 0.5F}, .noise = {}};
  const std::vector<Tensor> three = free_run(model, statistics, {.length = 20, .count = 3, .seed = 5});
  ASSERT_EQ(three.size(), 3U);
  EXPECT_EQ(three[0].shape(), (Shape{20, 2}));
  const std::vector<Tensor> again = free_run(model, statistics, {.length = 20, .count = 1, .seed = 7});
  EXPECT_THAT(again[0].values(), ElementsAreArray(three[2].values()));
  EXPECT_FALSE(std::ranges::equal(three[0].values(), three[1].values()));
  for (const float value : three[0].values()) EXPECT_TRUE(value == 0 || value == 1);
}

TEST(FreeRunning, TheFirstStepIsDrawnFromTheBeginnings) {
  SequenceModel model = model_of(VectorCoding::of(bits(), {}));
  const SequenceStatistics certain{.start = {1, 0}, .noise = {}};
  for (const Tensor& sequence : free_run(model, certain, {.length = 1, .count = 5})) {
    EXPECT_THAT(sequence.values(), testing::ElementsAre(1, 0));
  }
}

TEST(FreeRunning, APrimeIsContinuedByWhatTheModelPredictsAfterIt) {
  SequenceData data = bits();
  SequenceModel model = model_of(VectorCoding::of(data, VectorTarget::kSquared));
  const Sequence* const prime = &data.sequences[0];
  // Without noise the next step is the mean that is predicted.
  const SequenceStatistics statistics{.start = {0, 0}, .noise = {0, 0}};
  const Tensor run = free_run(model, statistics, {.length = 2, .prime = prime->values})[0];
  ASSERT_EQ(run.shape(), (Shape{5, 2}));
  EXPECT_THAT(run.values().first(6), ElementsAreArray(prime->values.values()));
  for (Index known = 3; known < 5; ++known) {
    Sequence longer;
    longer.values = Tensor({known, 2}, run.values().first(static_cast<std::size_t>(known * 2)));
    const Sequence* const pointer = &longer;
    const Tensor outputs = model.outputs({&pointer, 1}, SequenceKind::kVectors)[0];
    const std::vector<float> next = model.coding().restored(outputs.values().last(2));
    EXPECT_NEAR(run[known * 2], next[0], 1e-5);
    EXPECT_NEAR(run[known * 2 + 1], next[1], 1e-5);
  }
}

TEST(FreeRunning, NoiseSpreadsNumbersAsWideAsTheErrors) {
  SequenceModel model = model_of(VectorCoding::of(bits(), VectorTarget::kSquared));
  const SequenceStatistics statistics{.start = {0, 0}, .noise = {0.5F, 0}};
  const Tensor prime({1, 2});
  const std::vector<Tensor> runs = free_run(model, statistics, {.length = 1, .count = 4000, .prime = prime});
  std::vector<double> first;
  for (const Tensor& run : runs) first.push_back(run[2]);
  const double mean = std::accumulate(first.begin(), first.end(), 0.0) / 4000;
  double variance = 0;
  for (const double value : first) variance += (value - mean) * (value - mean) / 4000;
  const double expected = 0.5 * model.coding().standardisation.deviation[0];
  EXPECT_NEAR(std::sqrt(variance), expected, 0.06 * expected);  // five deviations of the estimate
  for (const Tensor& run : runs) EXPECT_EQ(run[3], runs[0][3]);
}

TEST(FreeRunning, NeedsAModelOfTheNextStep) {
  SequenceModel model = model_of(VectorCoding::of(bits(), {}, {"2"}));
  EXPECT_THROW(free_run(model, {.start = {0}, .noise = {}}, {}), UsageError);
}

}  // namespace
}  // namespace unfold
