// A verb of the command line: one file in cli/verbs/, found by its existence (cmake/lists.cmake). The file cells.cpp
// defines `Verb verb_cells()`.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "command.h"

namespace unfold::cli {

struct Verb {
  std::string name;
  /// One line for the list of verbs.
  std::string summary;
  /// Gives the command its options, its example and its action.
  void (*prepare)(Command& command);
};

/// All verbs, in alphabetical order.
std::vector<Verb> verbs();

inline constexpr int kDone = 0;
inline constexpr int kBadInput = 1;
inline constexpr int kBadUsage = 2;
inline constexpr int kDiverged = 3;
inline constexpr int kInterrupted = 130;

}  // namespace unfold::cli
