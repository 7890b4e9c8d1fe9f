// Working on chunks in parallel: the template of chunks.h.
#pragma once

#include "base/threads.h"
#include "data/text/chunks.h"

namespace unfold {

/// Chunks in memory at a time: enough for any number of cores that is usual, and some megabytes.
inline constexpr std::size_t kChunkGroup = 16;

template <class Work, class Done>
void for_each_chunk(ChunkReader& reader, const Work& work, const Done& done) {
  std::vector<Chunk> group;
  do {
    group.clear();
    while (group.size() < kChunkGroup) {
      std::optional<Chunk> chunk = reader.next();
      if (!chunk) break;
      group.push_back(std::move(*chunk));
    }
    parallel(static_cast<Index>(group.size()), [&](Index i) {
      const auto at = static_cast<std::size_t>(i);
      work(at, group[at]);
    });
    for (std::size_t i = 0; i < group.size(); ++i) done(i, group[i]);
  } while (group.size() == kChunkGroup);
}

}  // namespace unfold
