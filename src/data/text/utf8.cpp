// UTF-8 by utf8proc.
#include "data/text/utf8.h"

#include <fmt/format.h>
#include <utf8proc.h>

#include <algorithm>

#include "unfold/error.h"

namespace unfold {
namespace {

constexpr std::size_t kLongest = 4;  // bytes of a character

}  // namespace

std::optional<CodePoint> code_point_at(std::string_view text, std::size_t offset) {
  utf8proc_int32_t number = 0;
  const auto* const start = reinterpret_cast<const utf8proc_uint8_t*>(text.data() + offset);
  const auto left = static_cast<utf8proc_ssize_t>(std::min(text.size() - offset, kLongest));
  const utf8proc_ssize_t length = utf8proc_iterate(start, left, &number);
  if (length <= 0) return std::nullopt;
  return CodePoint{number, static_cast<std::size_t>(length)};
}

std::optional<std::size_t> first_invalid_byte(std::string_view text) {
  for (std::size_t offset = 0; offset < text.size();) {
    const auto point = code_point_at(text, offset);
    if (!point) return offset;
    offset += point->length;
  }
  return std::nullopt;
}

void expect_utf8(std::string_view text, Level level, std::string_view source, std::size_t first_line,
                 std::size_t first_byte) {
  if (level == Level::kByte) return;
  if (const auto offset = first_invalid_byte(text)) {
    throw InputError(
        fmt::format("{}:{}: byte {} (0x{:02X}) is not UTF-8; convert it to UTF-8, or use --level byte, which takes any",
                    source, first_line + line_column(text, *offset).line - 1, first_byte + *offset,
                    static_cast<unsigned char>(text[*offset])));
  }
}

LineColumn line_column(std::string_view text, std::size_t offset) {
  const std::string_view before = text.substr(0, offset);
  const std::size_t line_end = before.rfind('\n');
  const std::string_view line = line_end == std::string_view::npos ? before : before.substr(line_end + 1);
  const auto continues = [](char byte) { return (static_cast<unsigned char>(byte) & 0xC0) == 0x80; };
  const auto characters = line.size() - static_cast<std::size_t>(std::count_if(line.begin(), line.end(), continues));
  return {1 + static_cast<std::size_t>(std::count(before.begin(), before.end(), '\n')), 1 + characters};
}

std::string encode_utf8(std::int32_t number) {
  utf8proc_uint8_t bytes[kLongest];
  const auto length = static_cast<std::size_t>(utf8proc_encode_char(number, bytes));
  return {reinterpret_cast<const char*>(bytes), length};
}

std::string shown_character(std::int32_t number) {
  const std::string name = fmt::format("U+{:04X}", number);
  if (utf8proc_charwidth(number) == 0) return name;
  return fmt::format("'{}' ({})", encode_utf8(number), name);
}

}  // namespace unfold
