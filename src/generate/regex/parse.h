// Reading a regular expression. See docs/generation.md for what is understood.
#pragma once

#include <string_view>

#include "generate/regex/characters.h"
#include "generate/regex/syntax.h"

namespace unfold::regex {

/// The tree of `expression`, which must match a whole text. Throws UsageError, showing the place, where it cannot be
/// read.
Node parse(std::string_view expression, Alphabet alphabet);

}  // namespace unfold::regex
