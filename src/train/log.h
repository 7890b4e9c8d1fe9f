// log.jsonl: one JSON object a line, as training goes on.
#pragma once

#include <filesystem>
#include <optional>

#include "base/line_log.h"
#include "train/divergence.h"

namespace unfold {

struct LogEntry {
  Index step = 0;
  double epoch = 0;
  double seconds = 0;
  double train_nats = 0;  // mean since the entry before
  double learning_rate = 0;
  double gradient_norm = 0;
  double tokens_per_second = 0;
  std::optional<double> valid_nats;  // where it was measured
};

class TrainingLog {
 public:
  /// Appends to `file`, after dropping the entries past `step`: a resumed run writes those again.
  TrainingLog(std::filesystem::path file, Index step);
  void write(const LogEntry& entry);
  /// Drops the entries past the step returned to, and notes why.
  void go_back(const Return& back);

 private:
  std::filesystem::path file_;
  LineLog lines_;
};

}  // namespace unfold
