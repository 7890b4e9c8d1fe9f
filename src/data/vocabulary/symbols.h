// What texts of each level are divided into before a vocabulary turns it into tokens: bytes, characters, words, and for
// pieces the words with the space before them (units), each of which is encoded on its own.
#pragma once

#include <cstddef>
#include <string_view>

#include "data/text/utf8.h"
#include "data/vocabulary/words.h"
#include "unfold/text.h"

namespace unfold {

/// The length in bytes of the unit that begins at `offset`: letters (all that is not ASCII counts as such), digits or
/// other characters, with the one space before them; spaces before that one; or a control character or U+2581, which
/// SentencePiece cannot be given.
std::size_t unit_length(std::string_view text, std::size_t offset);

/// True for a unit that is always written as bytes.
bool is_raw_unit(std::string_view unit);

/// Calls use(piece) for every symbol of the text, in order. The text is UTF-8 unless the level is byte.
template <class Use>
void for_each_symbol(std::string_view text, Level level, const Use& use) {
  if (level == Level::kWord) {
    for (const std::string_view word : divide_words(text)) use(word);
    return;
  }
  for (std::size_t offset = 0; offset < text.size();) {
    const std::size_t length = level == Level::kByte   ? 1
                               : level == Level::kChar ? code_point_at(text, offset)->length
                                                       : unit_length(text, offset);
    use(text.substr(offset, length));
    offset += length;
  }
}

}  // namespace unfold
