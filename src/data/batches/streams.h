// What training and evaluation share: windows of parallel streams of one text.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "unfold/batches.h"

namespace unfold {

/// B for `tokens`: the wanted batch, less where the text is too short for that many streams of one whole window. Throws
/// UsageError for a batch or window below 1, InputError for fewer than two tokens.
Index possible_batch(const Tokens& tokens, Index batch, Index steps);

/// The pairs of one stream in a window: inputs tokens[begin] ... tokens[begin + ticks - 1].
struct StreamWindow {
  Index begin = 0;
  Index ticks = 0;
};

/// The batch of one window of every stream. `first`: the streams begin here. A stream is cut before each boundary it
/// reads.
TokenBatch window_of_streams(const Tokens& tokens, const std::vector<StreamWindow>& streams, bool first,
                             std::optional<std::int32_t> boundary);

}  // namespace unfold
