// The number of steps for a time budget: never more than the time allows.
#include "train/time_budget.h"

#include <gtest/gtest.h>

#include <chrono>
#include <thread>

#include "train/toy_trainee.h"

namespace unfold {
namespace {

/// Steps and validations that take at least this long, whatever the machine does besides.
class SlowTrainee final : public ToyTrainee {
 public:
  StepReport train(Index step) override {
    std::this_thread::sleep_for(std::chrono::milliseconds(2));
    return ToyTrainee::train(step);
  }
  Validation validate() override {
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
    return ToyTrainee::validate();
  }
};

TEST(TimeBudget, StepsAndValidationsFitTheTime) {
  SlowTrainee trial;
  const TimeBudget budget = fit_time_budget(trial, 1.0);
  EXPECT_GE(budget.steps, 1);
  EXPECT_GE(budget.validations, 1);
  EXPECT_LE(static_cast<double>(budget.steps) * 2e-3 + static_cast<double>(budget.validations) * 10e-3, 1.0);
  EXPECT_LE(static_cast<double>(budget.validations) * 10e-3, 0.1) << "validations get a tenth at most";
}

TEST(TimeBudget, ThereIsAlwaysOneStep) {
  SlowTrainee trial;
  const TimeBudget budget = fit_time_budget(trial, 1e-6);
  EXPECT_EQ(budget.steps, 1);
  EXPECT_EQ(budget.validations, 1);
}

}  // namespace
}  // namespace unfold
