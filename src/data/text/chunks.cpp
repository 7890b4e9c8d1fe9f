#include "data/text/chunks.h"

#include <algorithm>
#include <array>

#include "base/checksum.h"

namespace unfold {
namespace {

bool is_continuation(char byte) { return (static_cast<unsigned char>(byte) & 0xC0) == 0x80; }

/// Bytes of the character that begins with `lead`, 1 for what begins none.
std::size_t length_by_lead(char lead) {
  const auto byte = static_cast<unsigned char>(lead);
  return byte < 0xC0 ? 1 : byte < 0xE0 ? 2 : byte < 0xF0 ? 3 : 4;
}

/// The last end of a character at or before the end of `text`, which may stop inside of one.
std::size_t character_end(std::string_view text) {
  constexpr std::size_t kMostContinuations = 3;
  std::size_t lead = text.size();
  while (lead > 0 && text.size() - lead < kMostContinuations && is_continuation(text[lead - 1])) --lead;
  if (lead == 0) return text.size();
  --lead;
  const bool whole = text.size() - lead >= length_by_lead(text[lead]);
  return whole ? text.size() : lead;
}

/// The last place behind a line end or before the first of some spaces. Nothing if there is none but the beginning.
std::optional<std::size_t> word_end(std::string_view text) {
  const std::size_t line_end = text.rfind('\n');
  if (line_end != std::string_view::npos) return line_end + 1;
  for (std::size_t at = text.rfind(' '); at != std::string_view::npos && at > 0; at = text.rfind(' ', at - 1)) {
    if (text[at - 1] != ' ') return at;
  }
  return std::nullopt;
}

}  // namespace

std::string_view separator_of(const Division& division) {
  return division.kind == Division::Kind::kLines ? std::string_view("\n") : division.separator;
}

ChunkReader::ChunkReader(std::vector<std::string> files, Level level, Division division, std::size_t size)
    : files_(std::move(files)), level_(level), division_(std::move(division)), size_(size) {}

std::optional<Chunk> ChunkReader::next() {
  if (!stream_) {
    if (next_file_ == files_.size()) return std::nullopt;
    stream_.emplace(files_[next_file_++]);
    line_ = 1;
    byte_ = 0;
  }
  while (fill()) {
    if (const auto length = cut()) return take(*length);
  }
  Chunk last = take(buffer_.size());
  last.ends_source = true;
  stream_.reset();
  // Two files are not the same text as both in one.
  constexpr std::array kEnd = {std::byte{0xFF}};
  checksum_ = unfold::checksum(kEnd, checksum_);
  return last;
}

/// Reads as much again as is there, or one chunk's worth; false at the end of the file.
bool ChunkReader::fill() {
  const std::size_t length = buffer_.size();
  const std::size_t more = std::max(size_, length);
  buffer_.resize(length + more);
  const std::size_t count = stream_->read(std::span(buffer_).subspan(length));
  buffer_.resize(length + count);
  checksum_ = unfold::checksum(std::as_bytes(std::span(buffer_).subspan(length)), checksum_);
  return count == more;
}

/// Where the chunk that is in the buffer may end, if anywhere.
std::optional<std::size_t> ChunkReader::cut() const {
  const std::string_view separator = separator_of(division_);
  std::string_view text = buffer_;
  std::size_t begin = 0;  // behind the last separator
  if (!separator.empty()) {
    for (std::size_t at = text.find(separator); at != std::string_view::npos; at = text.find(separator, begin)) {
      begin = at + separator.size();
    }
    if (begin > 0) return begin;
    if (division_.kind == Division::Kind::kLines) return std::nullopt;
    // The last bytes may be the beginning of a separator.
    if (text.size() < separator.size()) return std::nullopt;
    text.remove_suffix(separator.size() - 1);
  }
  if (level_ == Level::kWord || level_ == Level::kBpe) return word_end(text);
  const std::size_t end = level_ == Level::kByte ? text.size() : character_end(text);
  return end > 0 ? std::optional(end) : std::nullopt;
}

Chunk ChunkReader::take(std::size_t length) {
  Chunk chunk{buffer_.substr(0, length), shown_source(files_[next_file_ - 1]), line_, byte_};
  buffer_.erase(0, length);
  line_ += static_cast<std::size_t>(std::count(chunk.text.begin(), chunk.text.end(), '\n'));
  byte_ += length;
  return chunk;
}

}  // namespace unfold
