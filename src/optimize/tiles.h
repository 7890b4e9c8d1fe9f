// How an update is split over threads. Every element is updated on its own, so the tiles change nothing.
#pragma once

#include <algorithm>

#include "base/threads.h"
#include "unfold/tensor.h"

namespace unfold {

/// Calls task(begin, end) for ranges that cover [0, count), in parallel.
template <class Task>
void for_update_tiles(Index count, const Task& task) {
  constexpr Index kTile = Index{1} << 15;
  parallel((count + kTile - 1) / kTile, [&](Index tile) { task(tile * kTile, std::min((tile + 1) * kTile, count)); });
}

}  // namespace unfold
