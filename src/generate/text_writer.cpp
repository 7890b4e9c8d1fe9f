#include "generate/text_writer.h"

#include <algorithm>

#include "unfold/error.h"

namespace unfold {

namespace {

/// The bytes at the end of `text` that begin a character of UTF-8 which is not complete.
std::size_t torn_bytes(std::string_view text) {
  constexpr std::size_t kLongest = 4;
  for (std::size_t count = 1; count <= std::min(kLongest, text.size()); ++count) {
    const auto byte = static_cast<unsigned char>(text[text.size() - count]);
    if ((byte & 0xC0) == 0x80) continue;  // the character began earlier
    const std::size_t wanted = byte >= 0xF0 ? 4 : byte >= 0xE0 ? 3 : byte >= 0xC0 ? 2 : 1;
    return wanted > count ? count : 0;
  }
  return 0;
}

}  // namespace

TextWriter::TextWriter(std::vector<std::string> stops, bool whole_characters, Write write)
    : stops_(std::move(stops)), whole_characters_(whole_characters), write_(std::move(write)) {
  for (const std::string& stop : stops_) {
    if (stop.empty()) throw UsageError("a stop string must not be empty");
  }
}

void TextWriter::hand_on(std::size_t count) {
  if (count == 0) return;
  if (write_) write_(std::string_view(waiting_).substr(0, count));
  text_.append(waiting_, 0, count);
  waiting_.erase(0, count);
}

std::size_t TextWriter::held_back() const {
  std::size_t count = whole_characters_ ? torn_bytes(waiting_) : 0;
  for (const std::string& stop : stops_) {
    for (std::size_t begun = std::min(stop.size() - 1, waiting_.size()); begun > count; --begun) {
      if (waiting_.ends_with(std::string_view(stop).substr(0, begun))) count = begun;
    }
  }
  return count;
}

bool TextWriter::add(std::string_view piece) {
  waiting_ += piece;
  std::size_t first = std::string::npos;
  for (const std::string& stop : stops_) first = std::min(first, waiting_.find(stop));
  if (first != std::string::npos) {
    hand_on(first);
    waiting_.clear();
    return false;
  }
  hand_on(waiting_.size() - held_back());
  return true;
}

void TextWriter::finish() { hand_on(waiting_.size()); }

}  // namespace unfold
