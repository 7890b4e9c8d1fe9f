#include "add_settings.h"

namespace unfold::cli {

void add_settings(Command& command, const Settings& settings) {
  for (const Setting& setting : settings) {
    command.group(setting.group);
    std::visit(
        [&](auto* value) {
          if constexpr (std::is_same_v<decltype(value), Index*>) {
            command.option(setting.name, *value, setting.help, Least::kZero);
          } else if constexpr (std::is_same_v<decltype(value), bool*>) {
            command.flag(setting.name, *value, setting.help);
          } else {
            command.option(setting.name, *value, setting.help);
          }
        },
        setting.value);
  }
}

std::set<std::string> given_names(const Command& command, const Settings& settings) {
  std::set<std::string> given;
  for (const Setting& setting : settings) {
    if (command.given(setting.name)) given.insert(setting.name);
  }
  return given;
}

}  // namespace unfold::cli
