// Training batches of one long text.
#include <algorithm>
#include <cmath>

#include "base/random.h"
#include "data/batches/streams.h"
#include "unfold/batches.h"

namespace unfold {
namespace {

// Windows of random length.
constexpr double kShortShare = 0.05;
constexpr Index kMostDeviation = 5;
constexpr Index kDeviationShare = 8;

}  // namespace

StreamBatches::StreamBatches(Tokens tokens, Index batch, Index steps, StreamOptions options)
    : tokens_(std::move(tokens)),
      batch_(possible_batch(tokens_, batch, steps)),
      steps_(steps),
      length_((tokens_.size() - 1) / batch_),
      options_(options) {}

Index StreamBatches::windows(Index epoch) const {
  if (!options_.jitter) return (length_ + steps_ - 1) / steps_;
  BatchPosition position{epoch, 0};
  for (Index tick = 0; tick < length_; ++position.window) tick += window_length(position);
  return position.window;
}

Index StreamBatches::window_length(BatchPosition position) const {
  if (!options_.jitter) return steps_;
  Random random(combine(combine(options_.seed, static_cast<std::uint64_t>(position.epoch)),
                        static_cast<std::uint64_t>(position.window)));
  const double mean = static_cast<double>(steps_) * (random.uniform_double() < kShortShare ? 0.5 : 1.0);
  const auto deviation = static_cast<double>(std::min(kMostDeviation, steps_ / kDeviationShare));
  return std::max<Index>(1, std::lround(mean + deviation * random.normal()));
}

void StreamBatches::moved() {
  tick_ = 0;
  for (Index w = 0; w < position_.window; ++w) tick_ += window_length({position_.epoch, w});
}

TokenBatch StreamBatches::next() {
  const Index ticks = std::min(window_length(position_), length_ - tick_);
  std::vector<StreamWindow> streams;
  for (Index stream = 0; stream < batch_; ++stream) streams.push_back({stream * length_ + tick_, ticks});
  TokenBatch batch = window_of_streams(tokens_, streams, position_.window == 0, options_.boundary);
  tick_ += ticks;
  if (tick_ < length_) {
    ++position_.window;
  } else {
    position_ = {position_.epoch + 1, 0};
    tick_ = 0;
  }
  return batch;
}

}  // namespace unfold
