// Cutting a text into chunks must change nothing of what is read.
#include "data/text/chunks.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "base/file.h"
#include "base/temporary_folder.h"
#include "data/random_text.h"
#include "data/vocabulary/symbols.h"

namespace unfold {
namespace {

using Sequences = std::vector<std::vector<std::string>>;

/// The symbols of every sequence of the files.
Sequences read(const std::vector<std::string>& files, Level level, const Division& division, std::size_t size) {
  ChunkReader reader(files, level, division, size);
  Sequences sequences(1);
  while (const auto chunk = reader.next()) {
    for_each_sequence(*chunk, division, [&](std::string_view text, bool ended) {
      for_each_symbol(text, level, [&](std::string_view symbol) { sequences.back().emplace_back(symbol); });
      if (ended) sequences.emplace_back();
    });
  }
  return sequences;
}

class Chunks : public ::testing::TestWithParam<Level> {};

TEST_P(Chunks, OfAnySizeHoldTheSameSymbolsAndSequences) {
  const TemporaryFolder folder;
  const std::vector<Division> divisions = {{},
                                           {Division::Kind::kLines},
                                           {Division::Kind::kDocuments},
                                           {Division::Kind::kDocuments, "##"},
                                           {Division::Kind::kDocuments, "\n\n"},
                                           {Division::Kind::kDocuments, "é"}};
  for (std::uint64_t key = 0; key < 12; ++key) {
    const std::vector<std::string> files = {folder.path() / "one", folder.path() / "two", folder.path() / "three"};
    for (std::size_t i = 0; i < files.size(); ++i) write_atomically(files[i], random_text(3 * key + i, 10 * i * key));
    for (const Division& division : divisions) {
      const Sequences whole = read(files, GetParam(), division, 1 << 20);
      for (const std::size_t size : {1, 2, 3, 5, 16, 64}) {
        ASSERT_EQ(read(files, GetParam(), division, size), whole) << "size " << size << ", key " << key;
      }
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Levels, Chunks, ::testing::Values(Level::kByte, Level::kChar, Level::kWord, Level::kBpe),
                         [](const auto& level) { return std::string(level_name(level.param)); });

TEST(ChunkReader, KnowsWhereEachChunkBegins) {
  const TemporaryFolder folder;
  const std::string file = folder.path() / "file";
  const std::string text = "first\nsecond\nthird\nfourth";
  write_atomically(file, text);
  ChunkReader reader({file}, Level::kWord, {}, 8);
  std::string joined;
  while (const auto chunk = reader.next()) {
    EXPECT_EQ(chunk->first_byte, joined.size());
    EXPECT_EQ(chunk->first_line, 1u + static_cast<std::size_t>(std::count(joined.begin(), joined.end(), '\n')));
    EXPECT_EQ(chunk->source, file);
    joined += chunk->text;
    EXPECT_EQ(chunk->ends_source, joined == text);
  }
  EXPECT_EQ(joined, text);
}

TEST(ChunkReader, ChecksumDependsOnBytesAndFileEndsAlone) {
  const TemporaryFolder folder;
  const auto checksum = [&](const std::vector<std::string>& texts, std::size_t size) {
    std::vector<std::string> files;
    for (const std::string& text : texts) {
      files.push_back(folder.path() / std::to_string(files.size()));
      write_atomically(files.back(), text);
    }
    ChunkReader reader(files, Level::kChar, {}, size);
    while (reader.next()) {
    }
    return reader.checksum();
  };
  EXPECT_EQ(checksum({"some text", "more"}, 3), checksum({"some text", "more"}, 100));
  EXPECT_NE(checksum({"some text", "more"}, 100), checksum({"some textm", "ore"}, 100));
  EXPECT_NE(checksum({"some text", "more"}, 100), checksum({"some text", "mora"}, 100));
}

}  // namespace
}  // namespace unfold
