// A watch for parts of a piece of work that follow each other.
#pragma once

#include <chrono>
#include <utility>

namespace unfold {

class Lap {
 public:
  /// Since the construction, or the last call.
  double seconds() {
    const Clock::time_point now = Clock::now();
    return std::chrono::duration<double>(now - std::exchange(start_, now)).count();
  }

 private:
  using Clock = std::chrono::steady_clock;
  Clock::time_point start_ = Clock::now();
};

}  // namespace unfold
