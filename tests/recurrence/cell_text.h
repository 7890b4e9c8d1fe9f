// Small cells as text, and what is wrong with them.
#pragma once

#include <string>
#include <string_view>

#include "recurrence/graph/build_graph.h"
#include "unfold/cell.h"
#include "unfold/error.h"

namespace unfold::recurrence {

/// All different, so that no size fits by accident.
inline constexpr KnownSizes kOddSizes{3, 5, 7};

inline Graph graph_of(std::string source, KnownSizes sizes = kOddSizes, std::string_view options = {}) {
  return build_graph(Cell::parse(std::move(source), "test.cell", options).definition(), sizes);
}

/// A shipped cell at odd sizes.
inline Graph shipped_graph(const std::string& name) { return build_graph(Cell::load(name).definition(), kOddSizes); }

/// The message of the InputError that parsing or building throws; "no error" if it does not.
inline std::string error_of(std::string source, KnownSizes sizes = kOddSizes, std::string_view options = {}) {
  try {
    graph_of(std::move(source), sizes, options);
  } catch (const InputError& error) {
    return error.what();
  }
  return "no error";
}

/// A cell with an input x, a state h with next value tanh(W h + U x), and `lines` between (at line 4 onwards).
inline std::string with_lines(const std::string& lines) {
  return "cell c\ninput x\nstate h\n" + lines + "\nh' = tanh(W h + U x)\noutput h'\n";
}

/// The simplest cell whose next value is `expression` (at line 4, column 6).
inline std::string stepping(const std::string& expression) {
  return "cell c\ninput x\nstate h\nh' = " + expression + "\noutput h'\n";
}

}  // namespace unfold::recurrence
