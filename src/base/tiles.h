// Splitting a range over threads by its size alone, so that the number of threads changes no bit.
#pragma once

#include <algorithm>

#include "base/threads.h"

namespace unfold {

inline Index ceil_divide(Index a, Index b) { return (a + b - 1) / b; }

/// Calls task(begin, end) for consecutive ranges of at most `size` that cover [0, count), in parallel.
template <class Task>
void for_tiles(Index count, Index size, const Task& task) {
  parallel(ceil_divide(count, size), [&](Index tile) {
    const Index begin = tile * size;
    task(begin, std::min(begin + size, count));
  });
}

}  // namespace unfold
