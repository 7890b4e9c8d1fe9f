#include "train/early_stopping.h"

#include "train/loop_fixture.h"

namespace unfold {
namespace {

TEST(EarlyStopping, CountsValidationsSinceTheFirstLowest) {
  EXPECT_EQ(validations_without_improvement(std::vector<double>{}), 0);
  EXPECT_EQ(validations_without_improvement(std::vector<double>{2}), 0);
  EXPECT_EQ(validations_without_improvement(std::vector<double>{3, 2, 2, 2.5}), 2) << "equal is no improvement";
  EXPECT_EQ(validations_without_improvement(std::vector<double>{3, 2, 2.5, 1}), 0);
  EXPECT_FALSE(out_of_patience(std::vector<double>{1, 2, 3, 4}, 0)) << "0 never ends";
}

class Patience : public LoopTest {
 protected:
  /// Validations 3, 2, 1, 2, 3, ...: the lowest is the third, after 15 steps.
  static ToyTrainee trainee() {
    ToyTrainee toy;
    auto calls = std::make_shared<int>(0);
    toy.measure = [calls](double) { return std::abs(3 - ++*calls) + 1.0; };
    return toy;
  }
  const LoopSchedule patient_ = {.steps = 100, .validate_every = 5, .log_every = 2, .patience = 2, .save_seconds = 1e9};
};

TEST_F(Patience, EndsTheRunAndKeepsTheBestModel) {
  ToyTrainee toy = trainee();
  const TrainingResult result = run_training(toy, begin(), patient_, {});
  EXPECT_EQ(result.outcome, Outcome::kStoppedEarly);
  EXPECT_EQ(result.counters.step, 25);
  EXPECT_EQ(result.counters.valid_step, 15);
  EXPECT_EQ(result.counters.valid_nats(), 1);
}

TEST_F(Patience, AResumedRunHasNotForgottenThatItEnded) {
  ToyTrainee first = trainee();
  run_training(first, begin(), patient_, {});
  ToyTrainee second = trainee();
  const TrainingResult result = run_training(second, begin(ExistingRun::kResume), patient_, {});
  EXPECT_EQ(result.outcome, Outcome::kStoppedEarly);
  EXPECT_EQ(second.steps.size(), 0U);
  EXPECT_EQ(result.counters.step, 25);
}

TEST_F(Patience, AnInterruptionKeepsTheCount) {
  ToyTrainee first = trainee();
  EXPECT_EQ(run_training(first, begin(), patient_, stopping_after(22)).outcome, Outcome::kInterrupted);
  ToyTrainee second;
  second.measure = [](double) { return 2; };
  const TrainingResult result = run_training(second, begin(ExistingRun::kResume), patient_, {});
  EXPECT_EQ(result.outcome, Outcome::kStoppedEarly);
  EXPECT_EQ(result.counters.step, 25);
}

}  // namespace
}  // namespace unfold
