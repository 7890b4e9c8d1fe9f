// Code points of UTF-8 text.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace unfold {

/// A character at some offset of a text: its number and how many bytes it takes.
struct CodePoint {
  std::int32_t number = 0;
  std::size_t length = 0;
};

/// The character that begins at `offset` < text.size(); nothing where the bytes are not UTF-8.
std::optional<CodePoint> code_point_at(std::string_view text, std::size_t offset);

/// Offset of the first byte that does not begin a character; nothing if the whole text is UTF-8.
std::optional<std::size_t> first_invalid_byte(std::string_view text);

/// Line and column of a byte offset, from 1; columns count characters, as editors do.
struct LineColumn {
  std::size_t line = 1;
  std::size_t column = 1;
};
LineColumn line_column(std::string_view text, std::size_t offset);

/// A character as an error message shows it: "'a' (U+0061)"; the number alone for one that has no picture.
std::string shown_character(std::int32_t number);

}  // namespace unfold
