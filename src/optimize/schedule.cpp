// Learning rates as functions of the step.
#include <cmath>
#include <numbers>

#include "unfold/optimizer.h"

namespace unfold {

double learning_rate(const Schedule& schedule, std::uint64_t step, std::uint64_t total_steps) {
  if (step < schedule.warmup) {
    return schedule.peak * static_cast<double>(step + 1) / static_cast<double>(schedule.warmup);
  }
  if (schedule.kind == Schedule::Kind::kConstant || total_steps <= schedule.warmup) return schedule.peak;
  const double progress =
      static_cast<double>(step - schedule.warmup) / static_cast<double>(total_steps - schedule.warmup);
  const double cosine = 0.5 * (1.0 + std::cos(std::numbers::pi * std::fmin(progress, 1.0)));
  return schedule.peak * (schedule.final_fraction + (1.0 - schedule.final_fraction) * cosine);
}

}  // namespace unfold
