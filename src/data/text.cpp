// Levels, and reading a text as one of them.
#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "base/file.h"
#include "base/text_distance.h"
#include "data/utf8.h"
#include "unfold/data.h"
#include "unfold/error.h"

namespace unfold {
namespace {

constexpr std::array<std::string_view, 3> kLevelNames = {"byte", "char", "word"};

}  // namespace

std::string_view level_name(Level level) { return kLevelNames.at(static_cast<std::size_t>(level)); }

Level parse_level(std::string_view name) {
  const auto found = std::find(kLevelNames.begin(), kLevelNames.end(), name);
  if (found != kLevelNames.end()) return static_cast<Level>(found - kLevelNames.begin());
  const std::array<std::string, 3> names = {"byte", "char", "word"};
  throw UsageError(fmt::format("unknown level '{}': expected byte, char or word{}", name, did_you_mean(name, names)));
}

Text read_text(const std::filesystem::path& file, Level level) {
  Text text{read_file(file), level, file.string()};
  if (text.content.empty()) {
    throw InputError(fmt::format("'{}' is empty: expected a text to learn from or measure", text.source));
  }
  if (level == Level::kByte) return text;
  if (const auto offset = first_invalid_byte(text.content)) {
    throw InputError(fmt::format(
        "{}:{}: byte {} (0x{:02X}) is not UTF-8; convert the file to UTF-8, or read it with --level byte", text.source,
        line_column(text.content, *offset).line, *offset, static_cast<unsigned char>(text.content[*offset])));
  }
  return text;
}

Index character_count(std::string_view text, Level level) {
  if (level == Level::kByte) return static_cast<Index>(text.size());
  const auto begins = [](char byte) { return (static_cast<unsigned char>(byte) & 0xC0) != 0x80; };
  return static_cast<Index>(std::count_if(text.begin(), text.end(), begins));
}

}  // namespace unfold
