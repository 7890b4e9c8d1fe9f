// A verb of the command line: one file in cli/verbs/, found by its existence (cmake/lists.cmake). The file cells.cpp
// defines `Verb verb_cells()`.
#pragma once

#include <CLI/CLI.hpp>
#include <functional>
#include <string>
#include <vector>

namespace unfold::cli {

/// Does the verb's work after its options were parsed; returns the exit code.
using Action = std::function<int()>;

struct Verb {
  std::string name;
  /// One line for the list of verbs.
  std::string summary;
  /// Shown at the end of --help.
  std::string example;
  /// Adds the verb's options to `command`. The action owns what they are bound to.
  Action (*prepare)(CLI::App& command);
};

/// All verbs, in alphabetical order.
std::vector<Verb> verbs();

inline constexpr int kDone = 0;
inline constexpr int kBadInput = 1;
inline constexpr int kBadUsage = 2;
inline constexpr int kDiverged = 3;
inline constexpr int kInterrupted = 130;

}  // namespace unfold::cli
