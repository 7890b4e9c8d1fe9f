// Messages about a cell's text: file:line:column, the line with a caret, what was expected and found, what to do next.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "recurrence/graph/graph.h"
#include "recurrence/parse/syntax.h"

namespace unfold::recurrence {

/// The parts of a message; those left empty are not shown.
struct Complaint {
  std::string what = {};      // "unknown name 'W_x'"
  std::string expected = {};  // "a value"
  std::string found = {};     // "'='"
  std::string hint = {};      // "did you mean 'W_xi'?"
};

/// Throws InputError with
///     file:line:column: what
///        5 | h' = tanh(W_xh x + bb)
///          |                    ^
///       expected: ...
///       found: ...
///       hint: ...
/// Without a place (line 0) only the file is named. Columns count characters, not bytes.
[[noreturn]] void fail(const SourceText& source, Place place, const Complaint& complaint);

/// "did you mean 'X'?" for the candidate nearest to `name`, else `otherwise`.
std::string hint_for(std::string_view name, std::vector<std::string> candidates, std::string otherwise = {});

/// "5:7".
std::string text(Place place);

}  // namespace unfold::recurrence
