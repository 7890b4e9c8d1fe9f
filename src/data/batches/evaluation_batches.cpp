// Evaluation batches: streams of one long text, or whole sequences.
#include <fmt/format.h>

#include <algorithm>
#include <numeric>

#include "data/batches/lines.h"
#include "data/batches/streams.h"
#include "unfold/batches.h"
#include "unfold/error.h"

namespace unfold {

EvaluationBatches::EvaluationBatches(Tokens tokens, Index batch, Index steps, EvaluationOptions options)
    : tokens_(std::move(tokens)),
      batch_(possible_batch(tokens_, batch, options.lines ? 1 : steps)),
      steps_(steps),
      options_(options) {
  if (!options_.lines) return;
  if (!options_.boundary) throw ContractError("whole lines are told apart by a boundary: expected its token");
  boundaries_ = find_boundaries(tokens_, *options_.boundary);
  order_.resize(boundaries_.size() - 1);
  std::iota(order_.begin(), order_.end(), 0U);
  sort_by_length(boundaries_, order_);
  batch_ = std::min(batch, static_cast<Index>(order_.size()));
}

Index EvaluationBatches::windows() const {
  if (options_.lines) return (static_cast<Index>(order_.size()) + batch_ - 1) / batch_;
  const Index longest = (predictions() + batch_ - 1) / batch_;
  return (longest + steps_ - 1) / steps_;
}

TokenBatch EvaluationBatches::window(Index w) const {
  if (w < 0 || w >= windows()) throw ContractError(fmt::format("no window {}: there are {}", w, windows()));
  if (options_.lines) {
    const auto begin = static_cast<std::size_t>(w * batch_);
    const std::size_t size = std::min(static_cast<std::size_t>(batch_), order_.size() - begin);
    return batch_of_lines(tokens_, boundaries_, std::span(order_).subspan(begin, size));
  }
  // The first `longer` streams have length + 1 pairs, the others length.
  const Index length = predictions() / batch_;
  const Index longer = predictions() % batch_;
  std::vector<StreamWindow> streams;
  for (Index stream = 0; stream < batch_; ++stream) {
    const Index begin = stream * length + std::min(stream, longer);
    const Index end = length + (stream < longer ? 1 : 0);
    streams.push_back({begin + w * steps_, std::min(steps_, end - w * steps_)});
  }
  return window_of_streams(tokens_, streams, w == 0, options_.boundary);
}

}  // namespace unfold
