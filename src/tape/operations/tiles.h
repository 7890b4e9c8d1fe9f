// The tiles that operations split their rows and elements into.
#pragma once

#include "base/tiles.h"

namespace unfold {

inline constexpr Index kRowsPerTile = 256;
inline constexpr Index kElementsPerTile = Index{1} << 15;

}  // namespace unfold
