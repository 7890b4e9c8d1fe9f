// A list of settings as options of a command.
#pragma once

#include "command.h"
#include "tasks/settings.h"

namespace unfold::cli {

void add_settings(Command& command, const Settings& settings);

}  // namespace unfold::cli
