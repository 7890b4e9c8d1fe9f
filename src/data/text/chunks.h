// Texts read in chunks that can be worked on side by side: no chunk begins or ends inside of a symbol, a separator of
// documents, or a line that is a sequence. So cutting a text into chunks changes none of its tokens.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "data/text/text_stream.h"
#include "unfold/text.h"

namespace unfold {

struct Chunk {
  std::string text;
  std::string source;  // for messages
  std::size_t first_line = 1;
  std::size_t first_byte = 0;
  bool ends_source = false;
};

class ChunkReader {
 public:
  /// Reads `files` one after another. A chunk has about `size` bytes, more where a symbol or line is longer.
  ChunkReader(std::vector<std::string> files, Level level, Division division, std::size_t size = kSize);

  /// The next chunk, nothing after the last. Every file has at least one, which may be empty.
  std::optional<Chunk> next();
  /// Of the bytes of all chunks so far, and of where each file ends.
  std::uint32_t checksum() const { return checksum_; }

 private:
  static constexpr std::size_t kSize = std::size_t{1} << 20;

  void open_next();
  bool fill();
  std::optional<std::size_t> cut() const;
  Chunk take(std::size_t length);

  std::vector<std::string> files_;
  Level level_;
  Division division_;
  std::size_t size_;

  std::size_t next_file_ = 0;
  std::optional<TextStream> stream_;
  std::string buffer_;  // read and not yet given out
  std::size_t line_ = 1;
  std::size_t byte_ = 0;
  std::uint32_t checksum_ = 0;
};

/// The text that ends a sequence within a file; empty where nothing does.
std::string_view separator_of(const Division& division);

/// Calls use(sequence, ended) for the parts of a chunk between separators, in order: `ended` is false where the
/// sequence goes on in the next chunk.
template <class Use>
void for_each_sequence(const Chunk& chunk, const Division& division, const Use& use) {
  const std::string_view text = chunk.text;
  const std::string_view separator = separator_of(division);
  std::size_t begin = 0;
  if (!separator.empty()) {
    for (std::size_t end = text.find(separator); end != std::string_view::npos; end = text.find(separator, begin)) {
      use(text.substr(begin, end - begin), true);
      begin = end + separator.size();
    }
  }
  use(text.substr(begin), chunk.ends_source && division.kind != Division::Kind::kWhole);
}

/// Reads a group of chunks, calls work(i, chunk) for each of them in parallel, then done(i, chunk) for each in order;
/// and so on to the end.
template <class Work, class Done>
void for_each_chunk(ChunkReader& reader, const Work& work, const Done& done);

}  // namespace unfold

#include "data/text/chunks-inl.h"
