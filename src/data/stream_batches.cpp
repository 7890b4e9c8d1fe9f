// Training batches of one long text.
#include <fmt/format.h>

#include <algorithm>

#include "data/streams.h"
#include "unfold/data.h"
#include "unfold/error.h"

namespace unfold {

Index possible_batch(std::span<const std::int32_t> tokens, Index batch, Index steps) {
  if (batch < 1) throw UsageError(fmt::format("the batch must be at least 1, found {}", batch));
  if (steps < 1) throw UsageError(fmt::format("the number of unrolled steps must be at least 1, found {}", steps));
  if (tokens.size() < 2) {
    throw InputError(fmt::format(
        "the text is too short: expected at least two tokens, to predict the second from the first, found {}",
        tokens.size()));
  }
  const auto pairs = static_cast<Index>(tokens.size()) - 1;
  return std::clamp<Index>(pairs / steps, 1, batch);
}

StreamBatches::StreamBatches(std::span<const std::int32_t> tokens, Index batch, Index steps)
    : tokens_(tokens.begin(), tokens.end()),
      batch_(possible_batch(tokens, batch, steps)),
      steps_(steps),
      length_((static_cast<Index>(tokens.size()) - 1) / batch_) {}

TokenBatch StreamBatches::next() {
  const Index first = position_.window * steps_;
  const Index ticks = std::min(steps_, length_ - first);
  TokenBatch batch;
  batch.unrolling = Unrolling::equal(ticks, batch_);
  batch.first_window = position_.window == 0;
  append_ticks(batch, tokens_, first, ticks, batch_, [this](Index stream) { return stream * length_; });
  if (++position_.window == windows()) position_ = {position_.epoch + 1, 0};
  return batch;
}

void StreamBatches::seek(StreamPosition position) {
  if (position.epoch < 0 || position.window < 0 || position.window >= windows()) {
    throw ContractError(fmt::format("no window {} in epoch {}: an epoch has windows 0 to {}", position.window,
                                    position.epoch, windows() - 1));
  }
  position_ = position;
}

}  // namespace unfold
