// Learning rates as functions of the step.
#include "unfold/schedule.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>

namespace unfold {
namespace {

/// From `from` at progress 0 to `to` at 1, along half a cosine.
double half_cosine(double from, double to, double progress) {
  return to + 0.5 * (from - to) * (1.0 + std::cos(std::numbers::pi * std::clamp(progress, 0.0, 1.0)));
}

/// How far `step` has come on the way from `first` to `last`.
double progress(double step, double first, double last) { return last > first ? (step - first) / (last - first) : 1; }

double stepped(const Schedule& schedule, double step) {
  if (step < schedule.decay_after) return 1;
  return std::pow(schedule.decay, 1 + std::floor((step - schedule.decay_after) / schedule.decay_every));
}

double exponential(const Schedule& schedule, double step) {
  return std::pow(schedule.decay, std::fmax(0, step - schedule.decay_after) / schedule.decay_every);
}

/// The peak is reached at the end of the rising share; the last step has the lowest rate. (`steps` counts from
/// warm-up.)
double one_cycle(const Schedule& schedule, double step, double steps) {
  const double top = schedule.rising_share * steps - 1;
  if (step <= top) return half_cosine(schedule.start_fraction, 1, progress(step, 0, top));
  return half_cosine(1, schedule.end_fraction, progress(step, top, steps - 1));
}

double plateau(const Schedule& schedule, std::span<const double> validations) {
  double factor = 1, lowest = std::numeric_limits<double>::infinity();
  std::uint64_t stale = 0;
  for (const double loss : validations) {
    stale = loss < lowest ? 0 : stale + 1;
    lowest = std::fmin(lowest, loss);
    if (stale < schedule.patience) continue;
    factor *= schedule.decay;
    stale = 0;
  }
  return factor;
}

}  // namespace

double learning_rate(const Schedule& schedule, std::uint64_t step, std::uint64_t total_steps,
                     std::span<const double> validations) {
  const auto at = static_cast<double>(step), warmup = static_cast<double>(schedule.warmup);
  if (step < schedule.warmup) return schedule.peak * (at + 1) / warmup;
  const double steps = static_cast<double>(total_steps) - warmup;
  switch (schedule.kind) {
    case Schedule::Kind::kConstant: return schedule.peak;
    case Schedule::Kind::kStep: return schedule.peak * stepped(schedule, at);
    case Schedule::Kind::kExponential: return schedule.peak * exponential(schedule, at);
    case Schedule::Kind::kCosine:
      return schedule.peak * half_cosine(1, schedule.final_fraction, progress(at, warmup, warmup + steps));
    case Schedule::Kind::kOneCycle: return schedule.peak * one_cycle(schedule, at - warmup, steps);
    case Schedule::Kind::kPlateau: return schedule.peak * plateau(schedule, validations);
  }
  return schedule.peak;
}

}  // namespace unfold
