#include "data/corpus/units.h"

#include "base/random.h"
#include "data/vocabulary/symbols.h"

namespace unfold {
namespace {

bool has_table(Level level) { return level == Level::kWord || level == Level::kBpe; }

/// 64 bits that are the same on every machine: FNV-1a, mixed, since its high bits alone are poor.
class LineHash {
 public:
  void add(std::string_view bytes) {
    for (const char byte : bytes) hash_ = (hash_ ^ static_cast<unsigned char>(byte)) * 0x100000001B3U;
  }
  std::uint64_t value() const { return combine(hash_, 0); }

 private:
  std::uint64_t hash_ = 0xCBF29CE484222325U;
};

/// The code point of a character that is known to be UTF-8; most texts are ASCII for the most part.
Unit code_point(std::string_view symbol) {
  const auto first = static_cast<unsigned char>(symbol[0]);
  return symbol.size() == 1 ? first : static_cast<Unit>(code_point_at(symbol, 0)->number);
}

void append_numbers(std::string_view text, Level level, std::vector<Unit>& units) {
  for_each_symbol(text, level, [&](std::string_view symbol) {
    units.push_back(level == Level::kByte ? static_cast<unsigned char>(symbol[0]) : code_point(symbol));
  });
}

}  // namespace

ChunkUnits divide(const Chunk& chunk, Level level, const Division& division) {
  expect_utf8(chunk.text, level, chunk.source, chunk.first_line, chunk.first_byte);
  ChunkUnits result;
  std::unordered_map<std::string_view, Unit> known;
  for_each_sequence(chunk, division, [&](std::string_view text, bool ended) {
    LineHash hash;
    if (!has_table(level)) {
      append_numbers(text, level, result.units);
      hash.add(text);
    } else {
      // Lines of the same words are the same, whatever white space lies between.
      for_each_symbol(text, level, [&](std::string_view symbol) {
        const auto [at, is_new] = known.try_emplace(symbol, static_cast<Unit>(result.table.size()));
        if (is_new) result.table.push_back(symbol);
        result.units.push_back(at->second);
        hash.add(symbol);
        hash.add("\n");
      });
    }
    if (ended) result.ends.push_back({result.units.size(), hash.value()});
  });
  return result;
}

void UnitTable::merge(ChunkUnits& chunk) {
  if (!has_table(level_)) return;
  std::vector<Unit> numbers;
  for (const std::string_view symbol : chunk.table) {
    auto found = units_.find(symbol);
    if (found == units_.end()) {
      const std::string& kept = symbols_.emplace_back(symbol);
      found = units_.emplace(kept, static_cast<Unit>(symbols_.size() - 1)).first;
    }
    numbers.push_back(found->second);
  }
  for (Unit& unit : chunk.units) unit = numbers[unit];
}

std::string UnitTable::symbol(Unit unit) const {
  if (has_table(level_)) return symbols_[unit];
  if (level_ == Level::kByte) return std::string(1, static_cast<char>(unit));
  return encode_utf8(static_cast<std::int32_t>(unit));
}

}  // namespace unfold
