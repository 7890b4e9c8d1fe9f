// Nothing a reader is fed may crash it: thousands of mutated files are read and written, or give an InputError.
#include <gtest/gtest.h>

#include "fuzz/sequence_files.h"

namespace unfold {
namespace {

constexpr int kCases = 3000;  // of each format

TEST(SequenceFuzz, OnlyInputErrors) {
  std::uint64_t key = 20240607;
  for (const std::string& format : sequence_formats()) {
    SequenceFileMutator mutator(++key);
    int read = 0;
    for (int i = 0; i < kCases; ++i) read += read_and_write(mutator.draw(), format) ? 1 : 0;
    EXPECT_GT(read, 0) << format;
    EXPECT_TRUE(read < kCases || format == "text") << format;
  }
}

/// By content, as without --format.
TEST(SequenceFuzz, TheFormatIsFoundOrRefused) {
  SequenceFileMutator mutator(7);
  for (int i = 0; i < kCases; ++i) read_and_write(mutator.draw(), "");
}

}  // namespace
}  // namespace unfold
