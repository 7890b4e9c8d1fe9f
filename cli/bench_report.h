// What the verbs of `unfold bench` share: options, and figures as lines for people or one JSON object.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "command.h"
#include "tasks/training/settings.h"

namespace unfold::cli {

struct BenchOptions {
  Index threads;
  Index rounds = 9;
  bool json = false;

  BenchOptions();
  void declare(Command& command);
  /// Makes the threads count from here on.
  void apply() const;
};

/// What is measured must be what was asked for: throws UsageError for bf16 on a machine that cannot multiply in it.
void check_precision(const ExecutionSettings& settings);

/// One JSON object, or a line for each entry: its key in words and its value.
void print_report(const nlohmann::ordered_json& report, bool json);

}  // namespace unfold::cli
