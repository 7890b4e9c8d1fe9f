// From a text file to batches of tokens: reading, vocabularies, splitting, streams for training and for evaluation.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "unfold/recurrence.h"
#include "unfold/tensor.h"

namespace unfold {

/// What one token of a text is: a byte, a character (a Unicode code point of UTF-8), or a word.
///
/// Words: white space separates tokens and is dropped, except that each line end (\n) is a token. A word is a run of
/// letters, marks, digits and connecting punctuation (_); inside a word, between two such characters, stand also an
/// apostrophe (' or U+2019) or a hyphen, and between two digits a full stop or comma: don't, well-known, 3.14, 1,000.
/// The five characters <unk> are one token. Every other character is a token of its own. (Categories as in Unicode.)
enum class Level : std::uint8_t { kByte, kChar, kWord };

/// "byte", "char", "word", and back. Throws UsageError for another name.
std::string_view level_name(Level level);
Level parse_level(std::string_view name);

/// A text with what it was read as. `source` names it in error messages.
struct Text {
  std::string content;
  Level level = Level::kChar;
  std::string source = "text";
};

/// The whole file, not changed in any way. Throws InputError for a file that is missing, a folder, unreadable, empty,
/// or (char and word level) not UTF-8: with file, line and byte, and the way out.
Text read_text(const std::filesystem::path& file, Level level);

/// The length by which bits per character are measured: bytes at byte level, code points otherwise.
Index character_count(std::string_view text, Level level);

/// The symbols of a language model and their ids, 0 to size() - 1.
class Vocabulary {
 public:
  /// An empty vocabulary, to be assigned to.
  Vocabulary() = default;
  /// Every symbol of `text`, bytes and characters in the order of their numbers, words by falling frequency and equal
  /// ones by their bytes. `max_size` > 0 (word level only, else UsageError; at least 2) keeps the most frequent words
  /// and <unk>, max_size in all; <unk>, which then stands for every other word, has id 0.
  static Vocabulary build(const Text& text, Index max_size = 0);
  static Vocabulary build(std::string_view text, Level level, Index max_size = 0);

  Level level() const { return level_; }
  Index size() const { return static_cast<Index>(symbols_.size()); }
  /// The bytes of a symbol; the ids of one, if it has one, and of <unk>. Throws ContractError for an id out of range.
  const std::string& symbol(std::int32_t id) const;
  std::optional<std::int32_t> find(std::string_view symbol) const;
  std::optional<std::int32_t> unknown() const;

  /// The tokens of a text. An unknown word becomes <unk> where the vocabulary has it; any other unknown symbol is an
  /// InputError that names it and its line and column. A Text must have the vocabulary's level (ContractError).
  std::vector<std::int32_t> encode(const Text& text) const;
  std::vector<std::int32_t> encode(std::string_view text) const;
  /// The text of tokens, which encodes to the same tokens again. Bytes and characters: exactly what was encoded. Words:
  /// one space between tokens, none at a line's end or beginning, none before closing punctuation (. , ; : ! ? ) ] } %
  /// U+2019 U+201D), none after opening ( ( [ { U+2018 U+201C ). Throws ContractError for an id out of range.
  std::string decode(std::span<const std::int32_t> tokens) const;

  /// As JSON text, ASCII only, and back; byte symbols are written as numbers. Throws InputError for anything that
  /// to_json did not write.
  std::string to_json() const;
  static Vocabulary from_json(std::string_view json);

  bool operator==(const Vocabulary& other) const { return level_ == other.level_ && symbols_ == other.symbols_; }

 private:
  struct TextHash {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const { return std::hash<std::string_view>{}(text); }
  };

  Vocabulary(Level level, std::vector<std::string> symbols);
  std::vector<std::int32_t> encode(std::string_view text, std::string_view source) const;

  Level level_ = Level::kChar;
  std::vector<std::string> symbols_;
  std::unordered_map<std::string, std::int32_t, TextHash, std::equal_to<>> ids_;
};

/// The two parts of a held-out split, in order.
struct Split {
  std::span<const std::int32_t> train;
  std::span<const std::int32_t> valid;
};

/// Holds out the end: train has floor((1 - fraction) * N) tokens, valid the rest. Throws UsageError unless 0 < fraction
/// < 1, InputError where a part has fewer than the two tokens that make one prediction. Both refer to `tokens`.
Split split_tail(std::span<const std::int32_t> tokens, double fraction);

/// One window of a batch of streams, rows tick after tick. Row r predicts targets[r] from inputs[r] and the state.
struct TokenBatch {
  Unrolling unrolling;                // of N rows; state [B, size] is carried in the order of the streams
  std::vector<std::int32_t> inputs;   // [N]
  std::vector<std::int32_t> targets;  // [N], the token after each input
  bool first_window = false;          // every stream begins here: reset the state
};

/// The next window to come: enough to continue a run exactly.
struct StreamPosition {
  Index epoch = 0;
  Index window = 0;
  bool operator==(const StreamPosition&) const = default;
};

/// Training batches of one long text, for truncated backpropagation through time with carried state.
///
/// The N - 1 pairs (token, next token) are cut into B streams of L = floor((N - 1) / B) consecutive pairs. Window w of
/// an epoch holds ticks [w T, min(L, (w + 1) T)) of every stream: equal lengths, inputs and targets [T, B], the last
/// window of an epoch shorter where T does not divide L. Each pair is seen once an epoch, except for the last (N - 1)
/// mod B.
///
/// Where the text is too short for B streams of one whole window, there are fewer: B = max(1, floor((N - 1) / T)).
class StreamBatches {
 public:
  /// `batch` = B and `steps` = T, at least 1 (UsageError). Copies the tokens. Throws InputError for fewer than two.
  StreamBatches(std::span<const std::int32_t> tokens, Index batch, Index steps);

  /// B, as it was possible; windows, and predicted tokens, of one epoch.
  Index batch() const { return batch_; }
  Index windows() const { return (length_ + steps_ - 1) / steps_; }
  Index tokens_per_epoch() const { return batch_ * length_; }

  /// The window at the position; the position moves on, at the end of an epoch to the beginning of the next.
  TokenBatch next();
  StreamPosition position() const { return position_; }
  /// Throws ContractError for a window that does not exist.
  void seek(StreamPosition position);

 private:
  std::vector<std::int32_t> tokens_;
  Index batch_ = 0;
  Index steps_ = 0;
  Index length_ = 0;  // L, pairs of a stream
  StreamPosition position_;
};

/// Batches that predict every token of a text but the first exactly once, for evaluation.
///
/// The N - 1 pairs are cut into B consecutive streams whose lengths differ by at most one, the longer ones first; the
/// last window may therefore have lengths T' and T' - 1. The first token of a stream is predicted from a fresh state
/// with the token before it as input; so B = 1 is the exact value and B > 1 is faster, B - 1 times losing the context.
/// B is reduced for short texts as in StreamBatches.
class EvaluationBatches {
 public:
  /// As StreamBatches.
  EvaluationBatches(std::span<const std::int32_t> tokens, Index batch, Index steps);

  Index batch() const { return batch_; }
  Index windows() const;
  /// N - 1.
  Index predictions() const { return static_cast<Index>(tokens_.size()) - 1; }
  /// Window 0 <= w < windows(), in any order; state is carried from w to w + 1. Throws ContractError out of range.
  TokenBatch window(Index w) const;

 private:
  std::vector<std::int32_t> tokens_;
  Index batch_ = 0;
  Index steps_ = 0;
};

}  // namespace unfold
