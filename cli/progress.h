// Training progress on standard error: one line that is drawn again on a terminal, plain lines now and then elsewhere.
#pragma once

#include <chrono>
#include <string>
#include <string_view>

#include "train/loop.h"

namespace unfold::cli {

class ProgressDisplay {
 public:
  /// `unit`: what the speed counts.
  explicit ProgressDisplay(bool quiet, std::string unit = "tokens");
  ~ProgressDisplay();
  ProgressDisplay(const ProgressDisplay&) = delete;
  ProgressDisplay& operator=(const ProgressDisplay&) = delete;

  void show(const Progress& progress);
  /// Prints `text` above the progress line.
  void print(std::string_view text);

 private:
  using Clock = std::chrono::steady_clock;

  void wipe();

  const bool quiet_;
  const std::string unit_;
  const bool terminal_;
  bool drawn_ = false;  // a progress line stands at the cursor
  Clock::time_point shown_at_;
};

}  // namespace unfold::cli
