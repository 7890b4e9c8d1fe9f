// What counts as divergence, and what the loop does about it: every path, on a toy, to the bit.
#include "train/divergence.h"

#include <gmock/gmock.h>

#include "train/loop_fixture.h"

namespace unfold {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

constexpr double kInfinity = std::numeric_limits<double>::infinity();
constexpr Index kNever = 1000;

/// The step, counted from 1, at which a run of these losses is found to diverge; 0 if it never is.
int diverges_at(const std::vector<double>& losses, double uninformed) {
  LossTrend trend = LossTrend::start(uninformed);
  for (std::size_t step = 0; step < losses.size(); ++step) {
    trend.add(losses[step]);
    if (divergence({.nats = losses[step], .tokens = 1}, trend, uninformed)) return static_cast<int>(step) + 1;
  }
  return 0;
}

/// 500 steps that learn from 4.2 to 2 nats, with noise.
std::vector<double> learning() {
  std::vector<double> losses;
  for (int step = 0; step < 500; ++step)
    losses.push_back(2 + 2.2 * std::exp(-step / 50.0) + 0.3 * std::sin(7.0 * step));
  return losses;
}

TEST(Divergence, NumbersThatAreNotFinite) {
  const LossTrend calm_trend = LossTrend::start(4.2);
  EXPECT_FALSE(divergence({.nats = 2, .gradient_norm = 1e30}, calm_trend, 4.2));
  EXPECT_THAT(*divergence({.nats = kInfinity}, calm_trend, 4.2), HasSubstr("the loss is not a finite number"));
  EXPECT_THAT(*divergence({.nats = 2, .gradient_norm = std::nan("")}, calm_trend, 4.2), HasSubstr("gradient"));
}

TEST(Divergence, ALastingJumpAboveKnowingNothingIsASpike) {
  std::vector<double> losses = learning();
  EXPECT_EQ(diverges_at(losses, 4.2), 0);
  losses.insert(losses.end(), 100, 6.0);
  const int step = diverges_at(losses, 4.2);
  EXPECT_GT(step, 503);
  EXPECT_LT(step, 520);
}

TEST(Divergence, OneBadBatchAndALossBelowKnowingNothingAreNone) {
  std::vector<double> bad_batch = learning();
  bad_batch.push_back(12);
  bad_batch.insert(bad_batch.end(), 50, 2.0);
  EXPECT_EQ(diverges_at(bad_batch, 4.2), 0);
  std::vector<double> harder_text = learning();
  harder_text.insert(harder_text.end(), 100, 3.9);  // twice the usual, yet still better than nothing
  EXPECT_EQ(diverges_at(harder_text, 4.2), 0);
}

TEST(Divergence, ARunThatNeverBeginsToLearnIsOne) {
  EXPECT_GT(diverges_at(std::vector<double>(50, 9.0), 4.2), 0);
  EXPECT_EQ(diverges_at(std::vector<double>(500, 5.0), 4.2), 0) << "bad, but not by half";
}

TEST(Divergence, TheStateIsCalmBeforeASpikeAndNotOnItsWay) {
  LossTrend trend = LossTrend::start(4.2);
  for (const double loss : learning()) trend.add(loss);
  EXPECT_TRUE(calm(trend));
  for (int step = 0; step < 4; ++step) trend.add(6.0);
  EXPECT_FALSE(divergence({.nats = 6}, trend, 4.2)) << "not yet a spike";
  EXPECT_FALSE(calm(trend)) << "but no state to go back to either";
}

/// Ends a sitting without saving anything.
struct Killed {};

class Recovery : public LoopTest {
 protected:
  LoopSchedule with_retries(Index retries) const {
    LoopSchedule schedule = schedule_;
    schedule.retries = retries;
    return schedule;
  }
};

TEST_F(Recovery, GoesBackToTheLastValidationAndHalvesUntilItPasses) {
  ToyTrainee trainee;
  trainee.disturb = explode_at(12, 2);
  std::vector<Return> returns;
  LoopHooks hooks;
  hooks.went_back = [&](const Return& back) { returns.push_back(back); };
  const TrainingResult result = run_training(trainee, begin(), with_retries(3), hooks);
  EXPECT_EQ(result.outcome, Outcome::kFinished);
  EXPECT_EQ(result.counters.rollbacks, 2);
  EXPECT_EQ(result.counters.tokens, 230) << "steps that were taken back do not count";

  // Steps 10 to 12 three times: with the whole rate, half of it, a quarter.
  ToyTrainee expected;
  for (Index step = 0; step < 10; ++step) expected.train(step);
  expected.halvings = 2;
  for (Index step = 10; step < 23; ++step) expected.train(step);
  EXPECT_EQ(trainee.value, expected.value);
  EXPECT_EQ(trainee.steps.size(), 23U + 3 + 3);

  ASSERT_EQ(returns.size(), 2U);
  EXPECT_EQ(returns[1].from, 13);
  EXPECT_EQ(returns[1].to, 10);
  EXPECT_EQ(returns[1].times, 2);
  EXPECT_FALSE(std::filesystem::exists(folder_ / "rollback.safetensors")) << "of no use when all is done";
}

TEST_F(Recovery, GoesBackToTheBeginningWhereNothingWasValidated) {
  ToyTrainee trainee;
  trainee.disturb = explode_at(3, 1);
  const TrainingResult result = run_training(trainee, begin(), with_retries(1), {});
  EXPECT_EQ(result.outcome, Outcome::kFinished);
  ToyTrainee expected;
  expected.halvings = 1;
  for (Index step = 0; step < 23; ++step) expected.train(step);
  EXPECT_EQ(trainee.value, expected.value);
}

TEST_F(Recovery, GoesBackFurtherWhereTheLastValidationFellIntoTheRise) {
  ToyTrainee trainee;
  trainee.disturb = [](Index step, Index halvings, StepReport& report) {
    if (step >= 7 && halvings == 0) report.nats = 20;  // seen as a spike only some steps later
  };
  std::vector<Return> returns;
  LoopHooks hooks;
  hooks.went_back = [&](const Return& back) { returns.push_back(back); };
  EXPECT_EQ(run_training(trainee, begin(), with_retries(3), hooks).outcome, Outcome::kFinished);
  ASSERT_EQ(returns.size(), 1U);
  EXPECT_GT(returns[0].from, 10) << "a validation lies between the rise and its discovery";
  EXPECT_EQ(returns[0].to, 5);
  EXPECT_THAT(returns[0].reason, HasSubstr("spiked"));
}

TEST_F(Recovery, GivesUpAfterItsRetries) {
  ToyTrainee trainee;
  trainee.disturb = explode_at(12, kNever);
  const TrainingResult result = run_training(trainee, begin(), with_retries(3), {});
  EXPECT_EQ(result.outcome, Outcome::kDiverged);
  EXPECT_EQ(result.counters.step, 13);
  EXPECT_EQ(result.counters.rollbacks, 3);
  EXPECT_THAT(result.reason, HasSubstr("loss"));
  EXPECT_EQ(trainee.steps.size(), 13U + 3 * 3);
}

TEST_F(Recovery, AValidationThatIsNotFiniteIsADivergence) {
  ToyTrainee trainee;
  trainee.measure = [&trainee](double v) {
    return trainee.halvings == 0 && trainee.steps.size() >= 15 ? kInfinity : v;
  };
  const TrainingResult result = run_training(trainee, begin(), with_retries(1), {});
  EXPECT_EQ(result.outcome, Outcome::kFinished);
  EXPECT_EQ(result.counters.rollbacks, 1);
  EXPECT_EQ(trainee.steps.size(), 23U + 5) << "steps 11 to 15 twice";
}

TEST_F(Recovery, TheLogTellsWhatHappenedAndHasNoStepTwice) {
  ToyTrainee trainee;
  trainee.disturb = explode_at(12, 1);
  run_training(trainee, begin(), with_retries(3), {});
  std::vector<Index> steps;
  std::vector<nlohmann::json> returns;
  for (const nlohmann::json& entry : log()) {
    if (entry.contains("diverged_at")) {
      returns.push_back(entry);
    } else {
      steps.push_back(entry["step"]);
    }
  }
  EXPECT_THAT(steps, ElementsAre(2, 4, 5, 6, 8, 10, 12, 14, 15, 16, 18, 20, 22, 23));
  ASSERT_EQ(returns.size(), 1U);
  EXPECT_EQ(returns[0]["step"], 10);
  EXPECT_EQ(returns[0]["diverged_at"], 13);
  EXPECT_EQ(returns[0]["halvings"], 1);
  EXPECT_THAT(returns[0]["reason"].get<std::string>(), HasSubstr("not a finite number"));
}

TEST_F(Recovery, InterruptionsAnywhereLeaveNoTrace) {
  const auto troubled = [] {
    ToyTrainee trainee;
    trainee.disturb = explode_at(12, 2);
    return trainee;
  };
  ToyTrainee whole = troubled();
  const TrainingResult expected = run_training(whole, begin(), with_retries(3), {});
  const std::string best = read_file(folder_ / "model.safetensors");
  const std::size_t entries = log().size();
  const auto expect_the_same_in_sittings = [&](const std::function<LoopHooks()>& hooks) {
    std::filesystem::remove_all(folder_);
    TrainingResult result{.outcome = Outcome::kInterrupted, .counters = {}};
    ToyTrainee part;
    int sittings = 0;
    for (ExistingRun existing = ExistingRun::kRefuse; result.outcome == Outcome::kInterrupted;) {
      ASSERT_LT(++sittings, 40) << "the run does not get on";
      part = troubled();
      const RunDirectory run = begin(existing);
      try {
        result = run_training(part, run, with_retries(3), hooks());
      } catch (const Killed&) {
      }
      existing = ExistingRun::kResume;
    }
    EXPECT_EQ(part.value, whole.value);
    EXPECT_EQ(result.counters.rollbacks, 2);
    EXPECT_EQ(result.counters.validations, expected.counters.validations);
    EXPECT_EQ(read_file(folder_ / "model.safetensors"), best);
    EXPECT_EQ(log().size(), entries);
  };
  // Sittings end before, between and after the returns, with and without saving first.
  for (const Index length : {2, 12, 13, 14}) {
    SCOPED_TRACE(length);
    expect_the_same_in_sittings([=] { return stopping_after(length); });
  }
  for (const Index length : {8, 12, 13}) {
    SCOPED_TRACE(length);
    expect_the_same_in_sittings([=] {
      LoopHooks hooks;
      hooks.stop = [length, left = length]() mutable -> bool { return left-- <= 0 ? throw Killed() : false; };
      return hooks;
    });
  }
}

}  // namespace
}  // namespace unfold
