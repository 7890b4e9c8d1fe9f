// Where a run's settings come from that the command line does not give: the run that is continued, or another's
// config.toml. For any struct of settings with a task's name (kTask), a list, and whole paths of its files.
#pragma once

#include <filesystem>
#include <set>
#include <string>

#include "tasks/settings.h"
#include "train/run_directory.h"

namespace unfold {

/// The absolute path of a file; "-" stays as it is.
std::string whole_path(const std::string& file);
/// Throws UsageError where a setting that is in `given`, other than threads, is not what the run's configuration says.
void expect_unchanged(const Settings& wanted, const Settings& recorded, const std::set<std::string>& given,
                      const std::filesystem::path& config);
/// The three ways to say how long to train exclude each other: giving one replaces those of a configuration.
std::set<std::string> with_lengths(std::set<std::string> given);

/// The text of a config.toml with all settings, files with their whole paths.
template <class TaskSettings>
std::string config_of(const TaskSettings& settings) {
  TaskSettings recorded = settings.with_whole_paths();
  return config_text(TaskSettings::kTask, recorded.list());
}

/// Takes every setting that is not in `given` from the configuration of a run that is to be continued. Throws
/// UsageError where a given one differs from it.
template <class TaskSettings>
void continue_settings(TaskSettings& settings, const RunDirectory& run, const std::set<std::string>& given) {
  TaskSettings recorded = settings;
  read_config(run.config(), TaskSettings::kTask, recorded.list(), {});
  TaskSettings wanted = settings.with_whole_paths();
  expect_unchanged(wanted.list(), recorded.list(), given, run.config());
  read_config(run.config(), TaskSettings::kTask, settings.list(), given);
}

/// The same from a configuration that is to be repeated; there, given settings win.
template <class TaskSettings>
void repeat_settings(TaskSettings& settings, const std::filesystem::path& config, const std::set<std::string>& given) {
  read_config(config, TaskSettings::kTask, settings.list(), with_lengths(given));
}

}  // namespace unfold
