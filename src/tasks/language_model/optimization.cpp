#include "tasks/language_model/optimization.h"

#include <fmt/core.h>

#include "unfold/error.h"

namespace unfold {
namespace {

// The cosine ends at this share of the peak: the last steps still move.
constexpr double kFinalFraction = 0.01;

}  // namespace

std::unique_ptr<Optimizer> make_optimizer(const OptimizerSettings& settings, const ParameterList& parameters) {
  if (settings.method == "adam") return std::make_unique<Adam>(parameters);
  if (settings.method == "sgd") return std::make_unique<Sgd>(parameters);
  throw UsageError(fmt::format("--optimizer expects adam or sgd, found '{}'", settings.method));
}

Schedule make_schedule(const OptimizerSettings& settings) {
  Schedule schedule;
  if (settings.schedule == "cosine") {
    schedule.kind = Schedule::Kind::kCosine;
  } else if (settings.schedule != "constant") {
    throw UsageError(fmt::format("--schedule expects constant or cosine, found '{}'", settings.schedule));
  }
  schedule.peak = settings.learning_rate;
  schedule.warmup = static_cast<std::uint64_t>(settings.warmup);
  schedule.final_fraction = kFinalFraction;
  return schedule;
}

}  // namespace unfold
