// The files of a corpus: train.tokens, valid.tokens, and text.json, which says what they are.
#pragma once

#include <cstdint>
#include <filesystem>

#include "unfold/corpus.h"

namespace unfold {

std::filesystem::path train_file(const std::filesystem::path& folder);
std::filesystem::path valid_file(const std::filesystem::path& folder);

/// text.json.
struct CorpusRecord {
  Vocabulary vocabulary;
  std::uint64_t sources = 0;   // names, sizes and times of the files: equal where nobody touched them
  std::uint64_t checksum = 0;  // of their bytes
  std::uint32_t train = 0;     // checksums of the tokens
  std::uint32_t valid = 0;
  Index unknown = 0;
};

std::uint64_t fingerprint(const CorpusOptions& options);
void write_record(const CorpusRecord& record, const std::filesystem::path& folder);
/// Throws InputError where it is not there or damaged.
CorpusRecord read_record(const std::filesystem::path& folder);
/// The corpus of a record. Throws InputError where its token files are damaged, or those of another text.
Corpus open_recorded(const CorpusRecord& record, const std::filesystem::path& folder);

}  // namespace unfold
