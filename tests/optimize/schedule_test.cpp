#include "unfold/schedule.h"

#include <gtest/gtest.h>

#include <cmath>
#include <fstream>
#include <nlohmann/json.hpp>

namespace unfold {
namespace {

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

TEST(Schedule, StepIsTheRecipeOfTheSmallPennTreebankModel) {
  // Zaremba 2014: rate 1 for four epochs, halved in each of the nine that follow.
  constexpr std::uint64_t kEpoch = 7, kEpochs = 13;
  const Schedule schedule = {
      .kind = Schedule::Kind::kStep, .peak = 1, .decay = 0.5, .decay_after = 4 * kEpoch, .decay_every = kEpoch};
  for (std::uint64_t step = 0; step < kEpochs * kEpoch; ++step) {
    const std::uint64_t epoch = step / kEpoch + 1;
    EXPECT_EQ(learning_rate(schedule, step, kEpochs * kEpoch), epoch <= 4 ? 1 : std::pow(0.5, epoch - 4)) << epoch;
  }
}

TEST(Schedule, ExponentialFallsSmoothly) {
  const Schedule schedule = {
      .kind = Schedule::Kind::kExponential, .peak = 2, .decay = 0.25, .decay_after = 3, .decay_every = 4};
  EXPECT_DOUBLE_EQ(learning_rate(schedule, 2, 20), 2);
  EXPECT_DOUBLE_EQ(learning_rate(schedule, 3, 20), 2);
  EXPECT_DOUBLE_EQ(learning_rate(schedule, 5, 20), 1);
  EXPECT_DOUBLE_EQ(learning_rate(schedule, 7, 20), 0.5);
  EXPECT_DOUBLE_EQ(learning_rate(schedule, 11, 20), 0.125);
}

TEST(Schedule, OneCycleAgreesWithPyTorch) {
  std::ifstream file(std::string(UNFOLD_SOURCE_DIR) + "/tests/golden/optimizers.json");
  const nlohmann::json golden = nlohmann::json::parse(file);
  const auto rates = golden["one_cycle"].get<std::vector<double>>();
  const Schedule schedule = {.kind = Schedule::Kind::kOneCycle, .peak = golden["rate"]};
  ASSERT_EQ(rates.size(), 20U);
  for (std::uint64_t step = 0; step < rates.size(); ++step) {
    // Near its end PyTorch takes the cosine's rest from numbers of size 1.
    EXPECT_NEAR(learning_rate(schedule, step, rates.size()), rates[step], 1e-15) << step;
  }
}

TEST(Schedule, PlateauDecaysAfterValidationsThatDoNotImprove) {
  const Schedule schedule = {.kind = Schedule::Kind::kPlateau, .peak = 1, .decay = 0.5, .patience = 2};
  const auto rate = [&](std::vector<double> losses) { return learning_rate(schedule, 99, 100, losses); };
  EXPECT_EQ(rate({}), 1);
  EXPECT_EQ(rate({3, 2, 1}), 1);
  EXPECT_EQ(rate({3, 2, 2.5}), 1);
  EXPECT_EQ(rate({3, 2, 2.5, 2}), 0.5) << "equal is no improvement";
  EXPECT_EQ(rate({3, 2, 2.5, 2, 2.1}), 0.5) << "the count begins again";
  EXPECT_EQ(rate({3, 2, 2.5, 2, 2.1, 2.2}), 0.25);
  EXPECT_EQ(rate({3, 2, 2.5, 2, 2.1, 1.9, 2}), 0.5);
}

TEST(Schedule, EveryKindWarmsUpAndBeginsAtItsPeak) {
  for (const Schedule::Kind kind : {Schedule::Kind::kConstant, Schedule::Kind::kStep, Schedule::Kind::kExponential,
                                    Schedule::Kind::kCosine, Schedule::Kind::kPlateau}) {
    const Schedule schedule = {.kind = kind, .peak = 0.8, .warmup = 4, .decay_after = 6, .decay_every = 3};
    for (std::uint64_t step = 0; step < 4; ++step) {
      EXPECT_DOUBLE_EQ(learning_rate(schedule, step, 30), 0.2 * static_cast<double>(step + 1));
    }
    EXPECT_DOUBLE_EQ(learning_rate(schedule, 4, 30), 0.8);
  }
  const Schedule cycle = {.kind = Schedule::Kind::kOneCycle, .peak = 0.8, .warmup = 4};
  EXPECT_DOUBLE_EQ(learning_rate(cycle, 1, 30), 0.4);
  EXPECT_DOUBLE_EQ(learning_rate(cycle, 4, 30), 0.8 * 0.04) << "its own growth follows";
}

}  // namespace
}  // namespace unfold
