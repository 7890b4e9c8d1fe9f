// A parsed cell: what a Cell holds.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "recurrence/parse/syntax.h"

namespace unfold::recurrence {

struct Definition {
  SourceText source;    // the text and the file name used in messages
  std::string options;  // as chosen by the caller, "" if none
  Syntax syntax;        // with every name resolved and the options' values filled in
};

/// Parses `source` and resolves its names. Throws InputError, with the place, for anything that is wrong at any size.
std::shared_ptr<const Definition> define_cell(std::string source, std::string file, std::string_view options);

}  // namespace unfold::recurrence
