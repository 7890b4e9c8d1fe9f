// What training and evaluation batches share: cutting one text into streams.
#pragma once

#include <cstdint>
#include <span>

#include "unfold/data.h"

namespace unfold {

/// B for `tokens`: the wanted batch, less where the text is too short for that many streams of one whole window. Throws
/// UsageError for a batch or window below 1, InputError for fewer than two tokens.
Index possible_batch(std::span<const std::int32_t> tokens, Index batch, Index steps);

/// Ticks [first, first + ticks) of `streams` streams, stream b beginning at tokens[starts(b)]: rows tick after tick are
/// appended to the batch's inputs and targets.
template <class Starts>
void append_ticks(TokenBatch& batch, std::span<const std::int32_t> tokens, Index first, Index ticks, Index streams,
                  const Starts& starts) {
  for (Index tick = first; tick < first + ticks; ++tick) {
    for (Index stream = 0; stream < streams; ++stream) {
      const auto pair = static_cast<std::size_t>(starts(stream) + tick);
      batch.inputs.push_back(tokens[pair]);
      batch.targets.push_back(tokens[pair + 1]);
    }
  }
}

}  // namespace unfold
