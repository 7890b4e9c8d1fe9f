// Code points of UTF-8 text.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "unfold/text.h"

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

/// Throws InputError where a text, or a part of one that begins in line `first_line` with byte `first_byte`, is not
/// UTF-8 though its level needs it.
void expect_utf8(std::string_view text, Level level, std::string_view source, std::size_t first_line = 1,
                 std::size_t first_byte = 0);

/// Line and column of a byte offset, from 1; columns count characters, as editors do.
struct LineColumn {
  std::size_t line = 1;
  std::size_t column = 1;
};
LineColumn line_column(std::string_view text, std::size_t offset);

/// The bytes of a character.
std::string encode_utf8(std::int32_t number);

/// A character as an error message shows it: "'a' (U+0061)"; the number alone for one that has no picture.
std::string shown_character(std::int32_t number);

}  // namespace unfold
