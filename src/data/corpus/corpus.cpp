// Making a corpus: units -> counts of the training part -> vocabulary -> token files.
#include "unfold/corpus.h"

#include <fmt/format.h>

#include <algorithm>

#include "data/corpus/corpus_file.h"
#include "data/corpus/parts.h"
#include "data/corpus/token_file.h"
#include "unfold/error.h"

namespace unfold {
namespace {

namespace fs = std::filesystem;

/// How often each unit occurs in a part, boundaries left out.
std::vector<Index> count_units(const PartOfStore& part) {
  std::vector<Index> counts;
  part.for_each_block([&](std::span<const Unit> units) {
    for (const Unit unit : units) {
      if (unit == kBoundaryUnit) continue;
      if (unit >= counts.size()) counts.resize(unit + 1);
      ++counts[unit];
    }
  });
  return counts;
}

Vocabulary build_vocabulary(const CorpusReading& reading, const CorpusParts& parts, const CorpusOptions& options) {
  const std::vector<Index> train = count_units(parts.train);
  const std::vector<Index> valid = count_units(parts.valid);
  std::vector<SymbolCount> counts;
  bool unknown_occurs = false;
  for (std::size_t unit = 0; unit < std::max(train.size(), valid.size()); ++unit) {
    if (unit < train.size() && train[unit] > 0) {
      counts.push_back({reading.table().symbol(static_cast<Unit>(unit)), train[unit]});
    } else {
      unknown_occurs |= unit < valid.size() && valid[unit] > 0;
    }
  }
  return Vocabulary::build(options.level, std::move(counts), options.vocabulary, unknown_occurs);
}

/// Units as the tokens of a vocabulary, each worked out at its first occurrence.
class UnitEncoder {
 public:
  UnitEncoder(const Vocabulary& vocabulary, const UnitTable& table) : vocabulary_(vocabulary), table_(table) {}

  void encode(std::span<const Unit> units, std::vector<std::int32_t>& tokens) {
    for (const Unit unit : units) {
      if (unit == kBoundaryUnit) {
        tokens.push_back(*vocabulary_.boundary());
        continue;
      }
      if (unit >= places_.size()) places_.resize(unit + 1);
      if (places_[unit].count == 0) look_up(unit);
      const Place place = places_[unit];
      const auto first = known_.begin() + place.begin;
      tokens.insert(tokens.end(), first, first + place.count);
    }
  }

 private:
  struct Place {
    std::int32_t begin = 0;
    std::int32_t count = 0;
  };

  void look_up(Unit unit) {
    const std::vector<std::int32_t> ids = vocabulary_.encode(table_.symbol(unit));
    places_[unit] = {static_cast<std::int32_t>(known_.size()), static_cast<std::int32_t>(ids.size())};
    known_.insert(known_.end(), ids.begin(), ids.end());
  }

  const Vocabulary& vocabulary_;
  const UnitTable& table_;
  std::vector<Place> places_;  // by unit
  std::vector<std::int32_t> known_;
};

/// Returns the checksum of the tokens.
std::uint32_t write_tokens(const PartOfStore& part, const Vocabulary& vocabulary, UnitEncoder& encoder,
                           const fs::path& file, Index& unknown) {
  TokenFileWriter writer(file, vocabulary.size() - 1);
  const std::int32_t replacement = vocabulary.unknown().value_or(-1);
  std::vector<std::int32_t> tokens;
  part.for_each_block([&](std::span<const Unit> units) {
    tokens.clear();
    encoder.encode(units, tokens);
    unknown += std::count(tokens.begin(), tokens.end(), replacement);
    writer.append(tokens);
  });
  return writer.finish();
}

/// A folder of ours: with what was there before removed now, and removed itself unless it is kept.
class NewFolder {
 public:
  explicit NewFolder(fs::path path) : path_(std::move(path)) {
    fs::remove_all(path_);
    std::error_code error;
    fs::create_directories(path_, error);
    if (error) throw InputError(fmt::format("cannot create the folder '{}': {}", path_.string(), error.message()));
  }
  ~NewFolder() {
    std::error_code ignored;
    if (!kept_) fs::remove_all(path_, ignored);
  }
  NewFolder(const NewFolder&) = delete;
  NewFolder& operator=(const NewFolder&) = delete;
  void keep() { kept_ = true; }

 private:
  fs::path path_;
  bool kept_ = false;
};

}  // namespace

Corpus make_corpus(const CorpusOptions& options, const fs::path& folder) {
  NewFolder files(folder);
  CorpusRecord record;
  record.sources = fingerprint(options);  // before reading: a file that is changed meanwhile will be noticed
  {
    CorpusReading reading(options, folder);
    reading.read();
    const CorpusParts parts = reading.parts();
    record.checksum = reading.checksum();
    record.vocabulary = build_vocabulary(reading, parts, options);
    UnitEncoder encoder(record.vocabulary, reading.table());
    Index in_training = 0;
    record.train = write_tokens(parts.train, record.vocabulary, encoder, train_file(folder), in_training);
    record.valid = write_tokens(parts.valid, record.vocabulary, encoder, valid_file(folder), record.unknown);
  }
  write_record(record, folder);
  Corpus corpus = open_recorded(record, folder);
  files.keep();
  return corpus;
}

}  // namespace unfold
