#include "data/batches/lines.h"

#include <algorithm>

#include "unfold/error.h"

namespace unfold {

std::vector<Index> find_boundaries(const Tokens& tokens, std::int32_t boundary) {
  constexpr Index kBlock = Index{1} << 16;
  std::vector<Index> places;
  std::vector<std::int32_t> block;
  for (Index begin = 0; begin < tokens.size(); begin += kBlock) {
    block.resize(static_cast<std::size_t>(std::min(kBlock, tokens.size() - begin)));
    tokens.read(begin, block);
    for (std::size_t i = 0; i < block.size(); ++i) {
      if (block[i] == boundary) places.push_back(begin + static_cast<Index>(i));
    }
  }
  if (places.size() < 2 || places.front() != 0 || places.back() != tokens.size() - 1) {
    throw InputError("the text has no line: expected at least one that is not empty");
  }
  return places;
}

void sort_by_length(const std::vector<Index>& boundaries, std::span<std::uint32_t> sequences) {
  std::stable_sort(sequences.begin(), sequences.end(), [&](std::uint32_t a, std::uint32_t b) {
    return sequence_length(boundaries, a) > sequence_length(boundaries, b);
  });
}

TokenBatch batch_of_lines(const Tokens& tokens, const std::vector<Index>& boundaries,
                          std::span<const std::uint32_t> sequences) {
  std::vector<Index> lengths;
  for (const std::uint32_t sequence : sequences) lengths.push_back(sequence_length(boundaries, sequence));
  TokenBatch batch;
  batch.unrolling = Unrolling::ragged(lengths);
  batch.continues.assign(sequences.size(), TokenBatch::kStart);
  batch.inputs.resize(static_cast<std::size_t>(batch.unrolling.rows()));
  batch.targets.resize(batch.inputs.size());
  std::vector<std::int32_t> text;
  for (std::size_t s = 0; s < sequences.size(); ++s) {
    text.resize(static_cast<std::size_t>(lengths[s]) + 1);
    tokens.read(boundaries[sequences[s]], text);
    for (Index tick = 0; tick < lengths[s]; ++tick) {
      const auto row = static_cast<std::size_t>(batch.unrolling.row(static_cast<Index>(s), tick));
      batch.inputs[row] = text[static_cast<std::size_t>(tick)];
      batch.targets[row] = text[static_cast<std::size_t>(tick) + 1];
    }
  }
  return batch;
}

}  // namespace unfold
