// The training and the held-out part of a text, as units: which sequence goes where.
#pragma once

#include <filesystem>
#include <unordered_set>
#include <vector>

#include "data/corpus/unit_store.h"
#include "unfold/corpus.h"

namespace unfold {

/// Units [begin, end) of a store.
struct PartOfStore {
  const UnitStore* store = nullptr;
  Index begin = 0;
  Index end = 0;

  Index size() const { return end - begin; }
  /// Calls use(units) for them, block by block, in order.
  template <class Use>
  void for_each_block(const Use& use) const {
    Index at = 0;
    for (std::size_t block = 0; block < store->blocks() && at < end; ++block) {
      const std::vector<Unit> units = store->read(block);
      const Index size = static_cast<Index>(units.size());
      const Index first = std::clamp<Index>(begin - at, 0, size);
      const Index last = std::clamp<Index>(end - at, first, size);
      if (last > first)
        use(std::span(units).subspan(static_cast<std::size_t>(first), static_cast<std::size_t>(last - first)));
      at += size;
    }
  }
};

struct CorpusParts {
  PartOfStore train;
  PartOfStore valid;
};

/// Both parts of a text while it is read: the files learnt from, then those to validate on, if there are any.
class CorpusReading {
 public:
  /// Keeps what is read in files in `folder`.
  CorpusReading(const CorpusOptions& options, const std::filesystem::path& folder);
  void read();

  /// Throws InputError where a part has no prediction.
  CorpusParts parts() const;
  const UnitTable& table() const { return table_; }
  /// See Corpus.
  std::uint64_t checksum() const { return checksum_; }

 private:
  /// One store with the boundaries between its sequences.
  struct Writer {
    explicit Writer(const std::filesystem::path& file) : store(file) {}
    void append(std::span<const Unit> units, bool ended, bool divided);
    void flush();

    UnitStore store;
    std::vector<Unit> pending;
    bool open = false;  // a sequence has begun and not ended
  };

  bool is_divided() const { return options_.vocabulary.division.kind != Division::Kind::kWhole; }
  bool splits_lines() const;
  void read_files(const std::vector<std::string>& names, Writer& writer);
  void distribute(const ChunkUnits& chunk, Writer& writer);
  CorpusParts split_end() const;

  const CorpusOptions& options_;
  UnitTable table_;
  Writer train_;
  Writer valid_;
  std::unordered_set<std::uint64_t> lines_;  // hashes of those met so far
  std::uint64_t checksum_ = 0;
};

/// The checksum that a CorpusReading would have.
std::uint64_t checksum_of_files(const CorpusOptions& options);

}  // namespace unfold
