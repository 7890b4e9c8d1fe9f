#include "base/fastest_way.h"

#include <algorithm>
#include <limits>

namespace unfold {
namespace {

constexpr int kTries = 4;
/// Runs from the first trial to the second: where the usual way was given up, and where it was not.
constexpr int kFirstPeriod = 64;
constexpr int kUsualPeriod = 512;
/// So rare that a trial of a slow way costs a thousandth.
constexpr int kLongestPeriod = 4096;
constexpr double kGain = 0.9;
constexpr double kUntried = std::numeric_limits<double>::infinity();

}  // namespace

FastestWay::FastestWay(int ways) : best_(static_cast<std::size_t>(ways), kUntried), period_(kFirstPeriod) {}

FastestWay::Turn FastestWay::next() {
  if (run_ == period_) {
    std::ranges::fill(best_, kUntried);
    run_ = 0;
    period_ = std::min(2 * period_, kLongestPeriod);
  }
  const int ways = static_cast<int>(best_.size()), run = run_++;
  if (run < kTries * ways) return {run % ways, true};
  if (fastest_ == 0) period_ = std::max(period_, kUsualPeriod);
  return {fastest_, false};
}

void FastestWay::record(int way, double seconds) {
  double& best = best_[static_cast<std::size_t>(way)];
  best = std::min(best, seconds);
  const auto fastest = std::ranges::min_element(best_);
  fastest_ = *fastest < kGain * best_[0] ? static_cast<int>(fastest - best_.begin()) : 0;
}

}  // namespace unfold
