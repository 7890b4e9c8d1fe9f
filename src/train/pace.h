// How fast a sitting goes: for people, never for decisions.
#pragma once

#include <chrono>

#include "train/divergence.h"

namespace unfold {

class Pace {
 public:
  /// `seconds` spent in earlier sittings.
  explicit Pace(double seconds) : seconds_before_(seconds) {}

  void add(const StepReport& report) {
    ++steps_;
    tokens_ += report.tokens;
  }
  /// Over all sittings.
  double seconds() const { return seconds_before_ + elapsed(); }
  double tokens_per_second() const { return static_cast<double>(tokens_) / elapsed(); }
  double seconds_for(Index steps) const { return elapsed() * static_cast<double>(steps) / static_cast<double>(steps_); }

 private:
  using Clock = std::chrono::steady_clock;
  double elapsed() const { return std::chrono::duration<double>(Clock::now() - began_).count(); }

  double seconds_before_;
  Index steps_ = 0;  // done here, those that were taken back included
  Index tokens_ = 0;
  Clock::time_point began_ = Clock::now();
};

}  // namespace unfold
