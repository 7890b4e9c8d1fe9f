// How an update is split over threads. Every element is updated on its own, so the tiles change nothing.
#pragma once

#include "base/tiles.h"

namespace unfold {

inline constexpr Index kElementsPerUpdate = Index{1} << 15;

}  // namespace unfold
