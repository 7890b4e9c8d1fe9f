// What a run leaves for people to look at while it goes on: log.jsonl, one JSON object a line, and the same numbers as
// TensorBoard reads them. The second is made from the first, so that both always tell the same.
#pragma once

#include <optional>

#include "base/line_log.h"
#include "train/counters.h"
#include "train/run_directory.h"

namespace unfold {

struct LogEntry {
  Index step = 0;
  double epoch = 0;
  double seconds = 0;
  double train_nats = 0;  // mean since the entry before
  double learning_rate = 0;
  double gradient_norm = 0;
  double tokens_per_second = 0;
  std::optional<Validation> valid;  // where it was measured
};

class TrainingLog {
 public:
  /// Appends to the run's log, after dropping the entries past `step`: a resumed run writes those again. `seconds` is
  /// the time spent so far.
  TrainingLog(const RunDirectory& run, Index step, double seconds);
  void write(const LogEntry& entry);
  /// Drops the entries past the step returned to, and notes why.
  void go_back(const Return& back);

 private:
  double began_;  // seconds since 1970 at which the run would have begun, had it never paused
  std::filesystem::path log_, events_;
  LineLog log_file_;
  AppendFile event_file_;
};

}  // namespace unfold
