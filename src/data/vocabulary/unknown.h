// The symbols that stand for what a vocabulary lacks.
#pragma once

#include <string_view>

#include "data/vocabulary/words.h"

namespace unfold {

/// Unicode's replacement character.
inline constexpr std::string_view kUnknownCharacter = "\uFFFD";

}  // namespace unfold
