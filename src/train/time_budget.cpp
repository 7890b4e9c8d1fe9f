#include "train/time_budget.h"

#include <algorithm>
#include <chrono>
#include <cmath>

namespace unfold {
namespace {

using Clock = std::chrono::steady_clock;

// The measuring takes this share of the budget, but no longer than needed for a steady rate.
constexpr double kMeasuringShare = 0.05;
constexpr double kLongestMeasuring = 8;
// The first steps allocate and pack; they are not representative.
constexpr Index kWarmUpSteps = 2;
constexpr Index kFewestSteps = 3;
constexpr double kValidationShare = 0.1;
constexpr double kMostValidations = 20;
// Left for saving, logging and a machine that slows down as it warms up.
constexpr double kReserve = 0.04;

double seconds_since(Clock::time_point start) { return std::chrono::duration<double>(Clock::now() - start).count(); }

}  // namespace

TimeBudget fit_time_budget(Trainee& trial, double seconds) {
  const Clock::time_point start = Clock::now();
  Index step = 0;
  while (step < kWarmUpSteps) trial.train(step++);

  const double limit = std::min(kLongestMeasuring, kMeasuringShare * seconds);
  const Clock::time_point steady = Clock::now();
  while (step < kWarmUpSteps + kFewestSteps || seconds_since(steady) < limit) trial.train(step++);
  const double per_step = seconds_since(steady) / static_cast<double>(step - kWarmUpSteps);

  const Clock::time_point validating = Clock::now();
  trial.validate();
  const double per_validation = seconds_since(validating);

  const double left = std::max(0.0, seconds * (1 - kReserve) - seconds_since(start));
  const double validations = std::clamp(std::floor(kValidationShare * left / per_validation), 1.0, kMostValidations);
  const double steps = (left - validations * per_validation) / per_step;
  return {.steps = std::max<Index>(1, static_cast<Index>(steps)), .validations = static_cast<Index>(validations)};
}

}  // namespace unfold
