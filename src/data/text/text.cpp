// Levels, and reading a text as one of them.
#include "unfold/text.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "base/text_distance.h"
#include "data/text/text_stream.h"
#include "data/text/utf8.h"
#include "unfold/error.h"

namespace unfold {
namespace {

constexpr std::array<std::string_view, 4> kLevelNames = {"byte", "char", "word", "bpe"};
constexpr std::size_t kChunk = std::size_t{1} << 20;

std::string read_all(const std::string& name) {
  TextStream stream(name);
  std::string content;
  for (;;) {
    const std::size_t length = content.size();
    content.resize(length + kChunk);
    const std::size_t count = stream.read(std::span(content).subspan(length));
    content.resize(length + count);
    if (count < kChunk) return content;
  }
}

}  // namespace

std::string_view level_name(Level level) { return kLevelNames.at(static_cast<std::size_t>(level)); }

Level parse_level(std::string_view name) {
  const auto found = std::find(kLevelNames.begin(), kLevelNames.end(), name);
  if (found != kLevelNames.end()) return static_cast<Level>(found - kLevelNames.begin());
  const std::array<std::string, 4> names = {"byte", "char", "word", "bpe"};
  throw UsageError(
      fmt::format("unknown level '{}': expected byte, char, word or bpe{}", name, did_you_mean(name, names)));
}

Text read_text(const std::filesystem::path& file, Level level) {
  Text text{read_all(file.string()), level, shown_source(file.string())};
  if (text.content.empty()) {
    throw InputError(fmt::format("'{}' is empty: expected a text to learn from or measure", text.source));
  }
  expect_utf8(text.content, level, text.source);
  return text;
}

Index character_count(std::string_view text, Level level) {
  if (level == Level::kByte) return static_cast<Index>(text.size());
  const auto begins = [](char byte) { return (static_cast<unsigned char>(byte) & 0xC0) != 0x80; };
  return static_cast<Index>(std::count_if(text.begin(), text.end(), begins));
}

}  // namespace unfold
