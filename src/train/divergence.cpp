#include "train/divergence.h"

#include <fmt/core.h>

#include <cmath>

namespace unfold {
namespace {

constexpr double kRecentShare = 0.1;
constexpr double kUsualShare = 0.01;
constexpr double kSpike = 1.5;
// Half way to a spike.
constexpr double kRising = 1.25;

}  // namespace

void LossTrend::add(double nats) {
  recent += kRecentShare * (nats - recent);
  usual += kUsualShare * (nats - usual);
}

bool calm(const LossTrend& trend) { return trend.recent <= kRising * trend.usual; }

std::optional<std::string> divergence(const StepReport& report, const LossTrend& trend, double uninformed) {
  if (!std::isfinite(report.nats)) return "the loss is not a finite number";
  if (!std::isfinite(report.gradient_norm)) return "the gradient is not a finite number";
  if (trend.recent > kSpike * trend.usual && trend.recent > uninformed) {
    return fmt::format("the loss spiked: {:.4g} nats lately, usually {:.4g}, and {:.4g} would be knowing nothing",
                       trend.recent, trend.usual, uninformed);
  }
  return std::nullopt;
}

}  // namespace unfold
