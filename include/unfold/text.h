// Texts: where they come from, what one token of them is, and how they fall into sequences.
#pragma once

#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "unfold/tensor.h"

namespace unfold {

/// What one token of a text is: a byte, a character (a Unicode code point of UTF-8), a word, or a piece of a word.
///
/// Words: white space separates tokens and is dropped, except that each line end (\n) is a token. A word is a run of
/// letters, marks, digits and connecting punctuation (_); inside a word, between two such characters, stand also an
/// apostrophe (' or U+2019) or a hyphen, and between two digits a full stop or comma: don't, well-known, 3.14, 1,000.
/// The five characters <unk> are one token. Every other character is a token of its own. (Categories as in Unicode.)
///
/// Pieces (bpe): byte pair encoding of words with the space before them (Sennrich, Haddow and Birch 2016, by
/// SentencePiece). Nothing is dropped; what has no piece is written as bytes, so any UTF-8 text can be encoded.
enum class Level : std::uint8_t { kByte, kChar, kWord, kBpe };

/// "byte", "char", "word", "bpe", and back. Throws UsageError for another name.
std::string_view level_name(Level level);
Level parse_level(std::string_view name);

/// How a text falls into sequences that know nothing of each other: no state is carried from one to the next.
struct Division {
  enum class Kind : std::uint8_t {
    kWhole,      // none: the text is one sequence, files follow one another
    kDocuments,  // every file is one, or, with a separator, every part of a file
    kLines,      // every line is one
  };
  Kind kind = Kind::kWhole;
  /// Of kDocuments: the text that ends a document within a file and is no part of it. Empty: only a file's end does.
  std::string separator = {};

  bool operator==(const Division&) const = default;
};

/// A text with what it was read as. `source` names it in error messages.
struct Text {
  std::string content;
  Level level = Level::kChar;
  std::string source = "text";
};

/// The whole file, not changed in any way; one whose name ends in .gz is inflated, "-" is the standard input. Throws
/// InputError for a file that is missing, a folder, unreadable, damaged, empty, or (all levels but byte) not UTF-8:
/// with file, line and byte, and the way out.
Text read_text(const std::filesystem::path& file, Level level);

/// The length by which bits per character are measured: bytes at byte level, code points otherwise.
Index character_count(std::string_view text, Level level);

/// The files that `names` mean, in order. A name is a file, "-" (the standard input), a folder (all files below it
/// whose names match `include`, sorted by their paths; hidden ones, beginning with a full stop, are left out), or a
/// pattern of files and folders as in the shell (* ? [a-z]), its matches sorted. `include` are patterns of file names
/// with commas between them, "*.c,*.h"; empty for every file. Throws InputError, naming it, where there is nothing, and
/// UsageError for a second "-".
std::vector<std::string> text_files(std::span<const std::string> names, std::string_view include = {});

}  // namespace unfold
