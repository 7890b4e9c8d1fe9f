// What the commands that train a network have in common: the run's folder, progress, and how a run ends.
#pragma once

#include <functional>
#include <set>
#include <string>

#include "command.h"
#include "progress.h"
#include "tasks/training/run_settings.h"
#include "tasks/training/settings.h"
#include "train/loop.h"
#include "unfold/error.h"

namespace unfold::cli {

struct RunOptions {
  std::string out;
  std::string config;
  bool resume = false;
  bool overwrite = false;
  bool json = false;
  bool quiet = false;
};

/// Declares the options of a command that trains: --out, the task's settings, the others of the run.
void declare_run(Command& command, RunOptions& run, const Settings& settings);

/// The folder of the run; settings that come from it or from --config are taken over. Throws UsageError without --out.
template <class TaskSettings>
RunDirectory open_run(const RunOptions& run, TaskSettings& settings, const std::set<std::string>& given) {
  if (run.out.empty()) throw UsageError("--out is missing: the folder for the run");
  if (!run.config.empty()) repeat_settings(settings, run.config, given);
  RunDirectory directory(run.out, run.resume      ? ExistingRun::kResume
                                  : run.overwrite ? ExistingRun::kOverwrite
                                                  : ExistingRun::kRefuse);
  if (directory.resumes()) continue_settings(settings, directory, given);
  return directory;
}

/// Makes ready to train: threads, and signals that stop it. The hooks show on `display`, and refer to both arguments.
LoopHooks watch(ProgressDisplay& display, const ExecutionSettings& execution, const RecoverySettings& recovery);

/// Of a run that is over, for messages.
struct EndedRun {
  std::string task;  // as after `unfold train`
  const RunDirectory& directory;
  const RunOptions& options;
  const LengthSettings& length;
  const RecoverySettings& recovery;
};

template <class TaskSettings>
EndedRun ended(const TaskSettings& settings, const RunDirectory& directory, const RunOptions& options) {
  return {TaskSettings::kTask, directory, options, settings.length, settings.recovery};
}

/// Says how the run ended and returns the exit code; `print_result` is called where there is one.
int finish(const TrainingResult& result, const EndedRun& run, const std::function<void()>& print_result);

/// The whole of a command that trains: run = train(settings, folder, hooks), with progress that counts `unit`, then
/// print(run, folder, json). Returns the exit code.
template <class TaskSettings, class Train, class Print>
int run_task(const RunOptions& options, TaskSettings& settings, const std::set<std::string>& given,
             const std::string& unit, const Train& train, const Print& print) {
  const RunDirectory directory = open_run(options, settings, given);
  const auto run = [&] {
    ProgressDisplay display(options.quiet, unit);
    return train(settings, directory, watch(display, settings.execution, settings.recovery));
  }();
  return finish(run.result, ended(settings, directory, options), [&] { print(run, directory, options.json); });
}

}  // namespace unfold::cli
