// Evaluation batches of one long text.
#include <fmt/format.h>

#include <algorithm>

#include "data/streams.h"
#include "unfold/data.h"
#include "unfold/error.h"

namespace unfold {

EvaluationBatches::EvaluationBatches(std::span<const std::int32_t> tokens, Index batch, Index steps)
    : tokens_(tokens.begin(), tokens.end()), batch_(possible_batch(tokens, batch, steps)), steps_(steps) {}

Index EvaluationBatches::windows() const {
  const Index longest = (predictions() + batch_ - 1) / batch_;
  return (longest + steps_ - 1) / steps_;
}

TokenBatch EvaluationBatches::window(Index w) const {
  if (w < 0 || w >= windows()) throw ContractError(fmt::format("no window {}: there are {}", w, windows()));
  // The first `longer` streams have length + 1 pairs, the others length.
  const Index length = predictions() / batch_;
  const Index longer = predictions() % batch_;
  const auto start = [&](Index stream) { return stream * length + std::min(stream, longer); };

  const Index first = w * steps_;
  const Index common = std::min(steps_, length - first);
  const bool ragged = common < steps_ && longer > 0;
  TokenBatch batch;
  batch.first_window = w == 0;
  append_ticks(batch, tokens_, first, common, batch_, start);
  if (!ragged) {
    batch.unrolling = Unrolling::equal(common, batch_);
    return batch;
  }
  append_ticks(batch, tokens_, length, 1, longer, start);
  std::vector<Index> lengths(static_cast<std::size_t>(batch_), common);
  std::fill_n(lengths.begin(), longer, common + 1);
  batch.unrolling = Unrolling::ragged(lengths);
  return batch;
}

}  // namespace unfold
