// A task's options as a list of named values: one description serves the command line, config.toml and --config.
#pragma once

#include <filesystem>
#include <initializer_list>
#include <set>
#include <string>
#include <variant>
#include <vector>

#include "unfold/tensor.h"

namespace unfold {

struct Setting {
  std::string name;  // as on the command line, without dashes: "clip-norm"
  std::string help;
  /// A bool is a flag; lists take several values, numbers separated by commas.
  std::variant<std::string*, Index*, double*, bool*, std::vector<std::string>*, std::vector<Index>*> value;
  /// The heading it stands under in --help and in config.toml.
  std::string group = {};
};

using Settings = std::vector<Setting>;

/// The settings with their heading.
Settings grouped(const std::string& group, Settings settings);
Settings joined(std::initializer_list<Settings> groups);

/// The value as on the command line.
std::string value_text(const Setting& setting);

/// The text of a config.toml: `task = "lm"` and one line a setting.
std::string config_text(const std::string& task, const Settings& settings);

/// Sets those values that `file` names, except those in `given`. Throws InputError with file and line: no TOML, another
/// task's, an unknown name, a value of another type.
void read_config(const std::filesystem::path& file, const std::string& task, const Settings& settings,
                 const std::set<std::string>& given);

}  // namespace unfold
