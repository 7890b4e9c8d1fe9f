// A text before it has a vocabulary: every symbol is a number, which for bytes and characters is their own, for words
// and pieces' units their place in a table in the order of their first occurrence.
#pragma once

#include <cstdint>
#include <deque>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "data/text/chunks.h"
#include "unfold/text.h"

namespace unfold {

using Unit = std::uint32_t;

/// What one chunk holds.
struct ChunkUnits {
  std::vector<Unit> units;
  std::vector<std::string_view> table;  // of words and units: what the numbers mean within this chunk
  struct SequenceEnd {
    std::size_t units;   // before it, in this chunk
    std::uint64_t hash;  // of the sequence, where all of it is in this chunk, as a line is
  };
  std::vector<SequenceEnd> ends;
};

/// Throws InputError where the chunk is not UTF-8.
ChunkUnits divide(const Chunk& chunk, Level level, const Division& division);

/// The numbers of all symbols met so far.
class UnitTable {
 public:
  explicit UnitTable(Level level) : level_(level) {}
  /// Makes the chunk's numbers those of the table, adding what is new. Chunks come in the order of the text.
  void merge(ChunkUnits& chunk);
  /// The bytes of a symbol.
  std::string symbol(Unit unit) const;

 private:
  Level level_;
  std::deque<std::string> symbols_;  // which do not move when it grows
  std::unordered_map<std::string_view, Unit> units_;
};

}  // namespace unfold
