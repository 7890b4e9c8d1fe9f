#include "counting_run.h"

#include "add_settings.h"
#include "unfold/error.h"

namespace unfold::cli {

void declare_counting(Command& command, CountingOptions& options, const Settings& settings) {
  command.group("Run");
  command.option("out", options.out, "Folder for the run: model, configuration");
  command.option("config", options.config, "config.toml of a run to repeat; options given here win");
  command.flag("overwrite", options.overwrite, "Discard the run in --out");
  command.flag("json", options.json, "Print one JSON object");
  add_settings(command, settings);
}

void repeat_counting(const CountingOptions& options, const std::string& task, const Settings& settings,
                     const Command& command) {
  if (!options.config.empty()) read_config(options.config, task, settings, given_names(command, settings));
}

RunDirectory open_counting(const CountingOptions& options) {
  if (options.out.empty()) throw UsageError("--out is missing: the folder for the run");
  return {options.out, options.overwrite ? ExistingRun::kOverwrite : ExistingRun::kRefuse};
}

}  // namespace unfold::cli
