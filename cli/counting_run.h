// What the commands that train a model by counting have in common: options and the run's folder.
#pragma once

#include <string>

#include "command.h"
#include "tasks/training/run_settings.h"

namespace unfold::cli {

struct CountingOptions {
  std::string out;
  std::string config;
  bool overwrite = false;
  bool json = false;
};

/// Declares the options of the run, then the task's settings.
void declare_counting(Command& command, CountingOptions& options, const Settings& settings);

/// Takes over the settings of --config that were not given on the command line; `task` as after `unfold train`.
void repeat_counting(const CountingOptions& options, const std::string& task, const Settings& settings,
                     const Command& command);

/// Throws UsageError without --out.
RunDirectory open_counting(const CountingOptions& options);

}  // namespace unfold::cli
