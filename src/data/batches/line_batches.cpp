// Training batches of whole sequences.
#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <numeric>

#include "base/random.h"
#include "base/shuffle.h"
#include "data/batches/lines.h"
#include "unfold/batches.h"
#include "unfold/error.h"

namespace unfold {
namespace {

// Sequences are sorted by length within this many batches: enough for rows of nearly equal length, few enough for
// batches that differ from epoch to epoch.
constexpr Index kPool = 64;

void count_up(std::vector<std::uint32_t>& numbers, Index count) {
  numbers.resize(static_cast<std::size_t>(count));
  std::iota(numbers.begin(), numbers.end(), 0U);
}

}  // namespace

LineBatches::LineBatches(Tokens tokens, std::int32_t boundary, Index batch, std::uint64_t seed)
    : tokens_(std::move(tokens)), boundaries_(find_boundaries(tokens_, boundary)), seed_(seed) {
  if (batch < 1) throw UsageError(fmt::format("the batch must be at least 1, found {}", batch));
  const Index lines = static_cast<Index>(boundaries_.size()) - 1;
  if (lines > std::numeric_limits<std::uint32_t>::max()) {
    throw InputError(fmt::format("{} lines are too many: expected fewer than 2^32", lines));
  }
  batch_ = std::min(batch, lines);
}

Index LineBatches::windows(Index) const {
  const Index lines = static_cast<Index>(boundaries_.size()) - 1;
  return (lines + batch_ - 1) / batch_;
}

void LineBatches::draw_order() {
  Random random(combine(seed_, static_cast<std::uint64_t>(position_.epoch)));
  const Index lines = static_cast<Index>(boundaries_.size()) - 1;
  count_up(order_, lines);
  shuffle(std::span(order_), random);
  const Index pool = kPool * batch_;
  for (Index begin = 0; begin < lines; begin += pool) {
    const auto size = static_cast<std::size_t>(std::min(pool, lines - begin));
    sort_by_length(boundaries_, std::span(order_).subspan(static_cast<std::size_t>(begin), size));
  }
  count_up(batches_, windows(position_.epoch));
  shuffle(std::span(batches_), random);
  ordered_epoch_ = position_.epoch;
}

TokenBatch LineBatches::next() {
  if (ordered_epoch_ != position_.epoch) draw_order();
  const auto begin = static_cast<std::size_t>(batches_[static_cast<std::size_t>(position_.window)] * batch_);
  const std::size_t size = std::min(static_cast<std::size_t>(batch_), order_.size() - begin);
  advance();
  return batch_of_lines(tokens_, boundaries_, std::span(order_).subspan(begin, size));
}

}  // namespace unfold
