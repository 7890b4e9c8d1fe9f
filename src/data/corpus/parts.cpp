#include "data/corpus/parts.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <optional>

#include "base/random.h"
#include "unfold/error.h"

namespace unfold {
namespace {

constexpr Index kLeastTokens = 2;  // that make one prediction

/// The boundary nearest to `place` among units [first, last) of a store.
std::optional<Index> nearest_boundary(const UnitStore& store, Index place, Index first, Index last) {
  std::optional<Index> nearest;
  Index at = first;
  PartOfStore{&store, first, last}.for_each_block([&](std::span<const Unit> units) {
    for (const Unit unit : units) {
      if (unit == kBoundaryUnit && (!nearest || std::abs(at - place) < std::abs(*nearest - place))) nearest = at;
      ++at;
    }
  });
  return nearest;
}

void expect_prediction(const PartOfStore& part, const std::vector<std::string>& names) {
  if (part.size() >= kLeastTokens) return;
  throw InputError(
      fmt::format("{}: the text is too short: expected at least two tokens, to predict the second from the "
                  "first, found {}",
                  fmt::join(names, " "), part.size()));
}

}  // namespace

void CorpusReading::Writer::append(std::span<const Unit> units, bool ended, bool divided) {
  if (divided && !units.empty() && !open && pending.empty() && store.size() == 0) pending.push_back(kBoundaryUnit);
  pending.insert(pending.end(), units.begin(), units.end());
  open = open || !units.empty();
  if (!ended || !open) return;
  pending.push_back(kBoundaryUnit);
  open = false;
}

void CorpusReading::Writer::flush() {
  store.append(pending);
  pending.clear();
}

CorpusReading::CorpusReading(const CorpusOptions& options, const std::filesystem::path& folder)
    : options_(options), table_(options.level), train_(folder / "train.units"), valid_(folder / "valid.units") {
  if (options.valid.empty() && !(options.held_out > 0 && options.held_out < 1)) {
    throw UsageError(fmt::format("the part to hold out must be between 0 and 1, found {}", options.held_out));
  }
}

bool CorpusReading::splits_lines() const {
  return options_.vocabulary.division.kind == Division::Kind::kLines && options_.valid.empty();
}

void CorpusReading::read() {
  read_files(options_.data, train_);
  if (!options_.valid.empty()) read_files(options_.valid, valid_);
}

void CorpusReading::read_files(const std::vector<std::string>& names, Writer& writer) {
  const Division& division = options_.vocabulary.division;
  ChunkReader reader(text_files(names, options_.include), options_.level, division);
  std::vector<ChunkUnits> divided(kChunkGroup);
  for_each_chunk(
      reader, [&](std::size_t i, const Chunk& chunk) { divided[i] = divide(chunk, options_.level, division); },
      [&](std::size_t i, const Chunk&) {
        table_.merge(divided[i]);
        distribute(divided[i], writer);
      });
  checksum_ = combine(checksum_, reader.checksum());
}

void CorpusReading::distribute(const ChunkUnits& chunk, Writer& writer) {
  // A hash below this is held out: the share of 2^64.
  const double limit = std::ldexp(options_.held_out, 64);
  const std::span<const Unit> units = chunk.units;
  std::size_t begin = 0;
  for (const ChunkUnits::SequenceEnd& end : chunk.ends) {
    const auto sequence = units.subspan(begin, end.units - begin);
    begin = end.units;
    if (!splits_lines()) {
      writer.append(sequence, true, true);
    } else if (lines_.insert(end.hash).second) {
      (static_cast<double>(end.hash) < limit ? valid_ : train_).append(sequence, true, true);
    }
  }
  writer.append(units.subspan(begin), false, is_divided());
  train_.flush();
  valid_.flush();
}

CorpusParts CorpusReading::parts() const {
  if (train_.store.size() + (splits_lines() ? valid_.store.size() : 0) == 0) {
    throw InputError(
        fmt::format("'{}' is empty: expected a text to learn from or measure", fmt::join(options_.data, " ")));
  }
  const auto whole = [](const Writer& writer) { return PartOfStore{&writer.store, 0, writer.store.size()}; };
  if (options_.valid.empty() && !splits_lines()) return split_end();
  const CorpusParts parts{whole(train_), whole(valid_)};
  expect_prediction(parts.train, options_.data);
  if (splits_lines() && parts.valid.size() == 0) {
    throw InputError(fmt::format("{}: no line is held out of so few; hold out more, or name other files to validate on",
                                 fmt::join(options_.data, " ")));
  }
  expect_prediction(parts.valid, options_.valid);
  return parts;
}

CorpusParts CorpusReading::split_end() const {
  const UnitStore& store = train_.store;
  const Index size = store.size();
  const auto place = static_cast<Index>(std::floor(static_cast<double>(size) * (1 - options_.held_out)));
  CorpusParts parts{{&store, 0, place}, {&store, place, size}};
  if (is_divided()) {
    const Index reach = (size - place) / 2;
    // The boundary belongs to both parts: it ends the one and begins the other.
    const Index first = std::max<Index>(1, place - reach);
    if (const auto boundary = nearest_boundary(store, place, first, std::max(first, place + reach))) {
      parts = {{&store, 0, *boundary + 1}, {&store, *boundary, size}};
    }
  }
  if (parts.train.size() >= kLeastTokens && parts.valid.size() >= kLeastTokens) return parts;
  throw InputError(fmt::format(
      "{}: the text is too short to hold out {} % of it: expected two tokens or more on each side, found {} and {}; "
      "use a longer text or a separate one for validation",
      fmt::join(options_.data, " "), 100 * options_.held_out, parts.train.size(), parts.valid.size()));
}

std::uint64_t checksum_of_files(const CorpusOptions& options) {
  std::uint64_t result = 0;
  for (const std::vector<std::string>* names : {&options.data, &options.valid}) {
    if (names->empty()) continue;
    ChunkReader reader(text_files(*names, options.include), Level::kByte, {});
    while (reader.next()) {
    }
    result = combine(result, reader.checksum());
  }
  return result;
}

}  // namespace unfold
