// The symbols of a language model.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "unfold/tensor.h"
#include "unfold/text.h"

namespace unfold {

class Bpe;

struct VocabularyOptions {
  /// Most symbols in all, 0 for no limit. Characters and words: the most frequent are kept, and the unknown symbol.
  /// Pieces: required, 257 at least (every byte has one); fewer come out of a text too small for so many.
  Index max_size = 0;
  /// Characters and words seen less often become the unknown symbol.
  Index min_count = 1;
  /// With sequences the vocabulary has a boundary symbol.
  Division division = {};
};

/// How often a byte, character, word, or (bpe) a word with the space before it occurs.
struct SymbolCount {
  std::string symbol;
  Index count = 0;
};

/// The symbols of a language model and their ids, 0 to size() - 1.
///
/// The unknown symbol stands for every character or word that has none of its own: U+FFFD (the replacement character)
/// for characters, <unk> for words. It is there where it was needed: where the limits left something out, or the text
/// that is held out has symbols that the training text lacks. Bytes and pieces need none.
///
/// The boundary symbol, the last id, stands before the first and after every sequence of a divided text: reading it a
/// model is at its start, writing it is the end. So the names "emma" and "olivia" are the tokens . e m m a . o l i v i
/// a . with boundary '.'. Its text is what lies between the sequences: "\n" between lines, a separator, nothing between
/// files.
class Vocabulary {
 public:
  /// An empty vocabulary, to be assigned to.
  Vocabulary() = default;
  /// Of the symbols of a text. All 256 bytes; characters in the order of their numbers; words by falling frequency,
  /// equal ones by their bytes, <unk> first where a limit is given; bytes and pieces in SentencePiece's order. Throws
  /// UsageError for options that do not fit the level.
  static Vocabulary build(const Text& text, const VocabularyOptions& options = {});
  static Vocabulary build(std::string_view text, Level level, const VocabularyOptions& options = {});
  /// The same from counts, which may be in any order. `unknown_occurs`: another text has symbols besides these.
  static Vocabulary build(Level level, std::vector<SymbolCount> counts, const VocabularyOptions& options,
                          bool unknown_occurs = false);

  Level level() const { return level_; }
  const Division& division() const { return division_; }
  Index size() const { return static_cast<Index>(symbols_.size()); }
  /// The bytes of a symbol. Throws ContractError for an id out of range.
  const std::string& symbol(std::int32_t id) const;
  /// The id of a symbol other than the boundary, if it has one; of the unknown symbol; of the boundary.
  std::optional<std::int32_t> find(std::string_view symbol) const;
  std::optional<std::int32_t> unknown() const;
  std::optional<std::int32_t> boundary() const;

  /// The tokens of a text, which is not divided into sequences. What is unknown becomes the unknown symbol where there
  /// is one, otherwise it is an InputError that names it and its line and column. A Text must have the vocabulary's
  /// level (ContractError).
  std::vector<std::int32_t> encode(const Text& text) const;
  std::vector<std::int32_t> encode(std::string_view text) const;
  /// The same of a part of a text that begins in line `first_line`, for messages.
  std::vector<std::int32_t> encode(std::string_view text, std::string_view source, std::size_t first_line = 1) const;
  /// The text of tokens, which encodes to the same tokens again (but for unknown characters). Bytes, characters and
  /// pieces: exactly what was encoded. Words: one space between tokens, none at a line's end or beginning, none before
  /// closing punctuation (. , ; : ! ? ) ] } % U+2019 U+201D), none after opening ( ( [ { U+2018 U+201C ). Throws
  /// ContractError for an id out of range.
  std::string decode(std::span<const std::int32_t> tokens) const;

  /// As JSON text, ASCII only, and back; byte symbols are written as numbers, pieces as SentencePiece's model in
  /// base64. Throws InputError for anything that to_json did not write.
  std::string to_json() const;
  static Vocabulary from_json(std::string_view json);

  bool operator==(const Vocabulary& other) const {
    return level_ == other.level_ && symbols_ == other.symbols_ && division_ == other.division_;
  }

 private:
  struct TextHash {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const { return std::hash<std::string_view>{}(text); }
  };

  Vocabulary(Level level, std::vector<std::string> symbols, Division division);
  Vocabulary(std::shared_ptr<const Bpe> pieces, Division division);
  void add_boundary(Division division);

  Level level_ = Level::kChar;
  std::vector<std::string> symbols_;
  std::unordered_map<std::string, std::int32_t, TextHash, std::equal_to<>> ids_;
  Division division_;
  std::shared_ptr<const Bpe> pieces_;  // of level bpe
};

}  // namespace unfold
