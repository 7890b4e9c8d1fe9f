// A list of settings as options of a command.
#pragma once

#include <set>
#include <string>

#include "command.h"
#include "tasks/settings.h"

namespace unfold::cli {

void add_settings(Command& command, const Settings& settings);

/// The names of those that the user gave.
std::set<std::string> given_names(const Command& command, const Settings& settings);

}  // namespace unfold::cli
