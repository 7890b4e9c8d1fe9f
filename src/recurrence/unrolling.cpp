#include <algorithm>
#include <numeric>

#include "unfold/error.h"
#include "unfold/recurrence.h"

namespace unfold {

Unrolling Unrolling::equal(Index steps, Index batch) {
  if (steps < 0 || batch < 0) throw ContractError("Unrolling::equal: steps and batch must not be negative");
  const std::vector<Index> lengths(static_cast<std::size_t>(batch), steps);
  return ragged(lengths);
}

Unrolling Unrolling::ragged(std::span<const Index> lengths) {
  Unrolling result;
  result.lengths_.assign(lengths.begin(), lengths.end());
  result.order_.resize(lengths.size());
  result.position_.resize(lengths.size());
  std::iota(result.order_.begin(), result.order_.end(), Index{0});
  const auto length = [&](Index sequence) { return result.lengths_[static_cast<std::size_t>(sequence)]; };
  std::stable_sort(result.order_.begin(), result.order_.end(), [&](Index a, Index b) { return length(a) > length(b); });
  for (std::size_t p = 0; p < result.order_.size(); ++p) {
    if (length(result.order_[p]) < 0) throw ContractError("Unrolling::ragged: a length is negative");
    result.position_[static_cast<std::size_t>(result.order_[p])] = static_cast<Index>(p);
  }
  const Index steps = lengths.empty() ? 0 : length(result.order_[0]);
  Index active = static_cast<Index>(lengths.size());
  for (Index tick = 0; tick < steps; ++tick) {
    while (active > 0 && length(result.order_[static_cast<std::size_t>(active - 1)]) <= tick) --active;
    result.starts_.push_back(result.starts_.back() + active);
  }
  result.equal_ = lengths.empty() || length(result.order_.back()) == steps;
  return result;
}

std::vector<Index> Unrolling::reversal() const {
  std::vector<Index> rows;
  rows.reserve(static_cast<std::size_t>(this->rows()));
  for (Index tick = 0; tick < steps(); ++tick) {
    for (const Index sequence : order().first(static_cast<std::size_t>(rows_at(tick)))) {
      rows.push_back(row(sequence, lengths_[static_cast<std::size_t>(sequence)] - 1 - tick));
    }
  }
  return rows;
}

}  // namespace unfold
