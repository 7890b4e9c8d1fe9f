// Choosing sequences of a batch's state.
#include <fmt/core.h>

#include <algorithm>
#include <ranges>

#include "unfold/error.h"
#include "unfold/layers.h"

namespace unfold {
namespace {

/// Rows of a tensor [B, size], zeros for numbers below 0.
Tensor select_rows(const Tensor& from, std::span<const Index> rows) {
  std::vector<Index> extents(from.shape().extents().begin(), from.shape().extents().end());
  const Index size = extents[0] == 0 ? 0 : from.shape().count() / extents[0];
  extents[0] = static_cast<Index>(rows.size());
  Tensor result(Shape(std::move(extents)));
  for (std::size_t k = 0; k < rows.size(); ++k) {
    if (rows[k] >= 0) std::copy_n(from.data() + rows[k] * size, size, result.data() + static_cast<Index>(k) * size);
  }
  return result;
}

}  // namespace

State select(const State& from, std::span<const Index> sequences) {
  if (std::ranges::equal(sequences, std::views::iota(Index{0}, from.batch))) return from;
  State result{.batch = static_cast<Index>(sequences.size())};
  bool continues = false;
  for (const Index sequence : sequences) {
    if (sequence >= from.batch) {
      throw ContractError(fmt::format("there is no sequence {} in a state of {}", sequence, from.batch));
    }
    result.begins.push_back(sequence < 0);
    continues |= sequence >= 0;
  }
  if (from.layers.empty() || !continues) return {.batch = result.batch};  // all at their beginning
  for (const CellState& cell : from.layers) {
    CellState& chosen = result.layers.emplace_back();
    for (const Tensor& state : cell) chosen.push_back(select_rows(state, sequences));
  }
  if (std::find(result.begins.begin(), result.begins.end(), true) == result.begins.end()) result.begins.clear();
  return result;
}

}  // namespace unfold
