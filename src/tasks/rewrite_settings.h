// The options that change what happens inside the recurrence: the same for every command that compiles a cell.
#pragma once

#include <string>
#include <vector>

#include "tasks/settings.h"
#include "unfold/recurrence.h"

namespace unfold {

struct RewriteSettings {
  std::string teacher_forcing = "none";
  std::string recurrent_dropout = "none";
  double zoneout = 0;
  double weight_drop = 0;
  double clip_message = 0;

  Settings list();
  /// Those that are asked for. Throws UsageError for a value that says nothing.
  std::vector<Rewrite> rewrites() const;
};

}  // namespace unfold
