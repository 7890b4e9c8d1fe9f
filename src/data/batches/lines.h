// What training and evaluation share: batches of whole sequences.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "unfold/batches.h"

namespace unfold {

/// The places of all boundaries. Throws InputError unless there are two at least, one of them first and one last.
std::vector<Index> find_boundaries(const Tokens& tokens, std::int32_t boundary);

/// Sequence i lies between boundaries i and i + 1 and predicts what stands behind the first one up to the second.
inline Index sequence_length(const std::vector<Index>& boundaries, std::uint32_t sequence) {
  return boundaries[sequence + 1] - boundaries[sequence];
}

/// Sorts by falling length, equal ones as they stand.
void sort_by_length(const std::vector<Index>& boundaries, std::span<std::uint32_t> sequences);

/// The batch of the given sequences.
TokenBatch batch_of_lines(const Tokens& tokens, const std::vector<Index>& boundaries,
                          std::span<const std::uint32_t> sequences);

}  // namespace unfold
