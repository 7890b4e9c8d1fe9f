// A task's options as a list of named values: one description serves the command line, config.toml and --config.
#pragma once

#include <filesystem>
#include <set>
#include <string>
#include <variant>
#include <vector>

#include "unfold/tensor.h"

namespace unfold {

struct Setting {
  std::string name;  // as on the command line, without dashes: "clip-norm"
  std::string help;
  std::variant<std::string*, Index*, double*> value;
  /// Written behind the value in config.toml.
  std::string remark = {};
};

using Settings = std::vector<Setting>;

/// The text of a config.toml: `task = "lm"` and one line a setting.
std::string config_text(const std::string& task, const Settings& settings);

/// Sets those values that `file` names, except those in `given`. Throws InputError with file and line: no TOML, another
/// task's, an unknown name, a value of another type.
void read_config(const std::filesystem::path& file, const std::string& task, const Settings& settings,
                 const std::set<std::string>& given);

}  // namespace unfold
