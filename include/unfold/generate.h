// Writing text with a model. docs/generation.md explains it in words.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "unfold/data.h"
#include "unfold/sampling.h"
#include "unfold/text_model.h"

namespace unfold {

/// Where a text stopped: enough to continue it as if it never had. A copy is a fork.
struct Continuation {
  TextState state = {};  // of one text, after every token but the last; batch 0: at its beginning
  std::optional<std::int32_t> last_token = {};  // written or given, not yet read by the model
  std::vector<std::int32_t> symbols = {};       // that the text holds, each once, for the repetition penalty
  std::uint64_t seed = 0;
  std::uint64_t draws = 0;  // random numbers used so far
};

struct GenerateOptions {
  std::string prompt = {};
  Index length = 200;  // of each text, in tokens, at most
  Index count = 1;     // texts
  Sampling sampling = {};
  /// Text n of seed s is text 0 of seed s + n: the same alone and beside others. Without a seed the draws of the
  /// continuation go on, or the seed is 0.
  std::optional<std::uint64_t> seed = {};
  /// A text ends before the first of these.
  std::vector<std::string> stop = {};
  /// The whole text, prompt not included, matches this regular expression; empty: any text. Where the text matches and
  /// could go on, it ends with the probability that the model gives to all that would not match.
  std::string match = {};
};

/// One token as it was written. The end of a text, where it was chosen rather than reached, is one of no text.
struct WrittenToken {
  std::string text;
  double log_probability = 0;  // by the model, before any filter, in nats
};

struct WrittenText {
  std::string text;  // without the prompt, and without the stop string
  std::vector<WrittenToken> tokens;
  /// Sum over the tokens.
  double log_probability() const;
};

/// Called with each piece of each text (0 to count - 1) as it is written: whole characters but at byte level, and
/// nothing that may become a stop string.
using PieceCallback = std::function<void(Index text, std::string_view piece)>;

/// Reads the prompt, then writes `count` texts side by side. They begin where `from` stopped, if given; a single text
/// leaves there where it stops itself. Without prompt and continuation a text begins at the boundary of sequences,
/// where the vocabulary has none after a line end, and where it has none either after a token drawn evenly. A model of
/// divided text ends a text with the boundary. Throws InputError for a symbol of the prompt that the vocabulary lacks,
/// UsageError for options out of range and an expression that cannot be matched within the length.
std::vector<WrittenText> generate(TextModel& model, const Vocabulary& vocabulary, const GenerateOptions& options,
                                  const PieceCallback& callback = {}, Continuation* from = nullptr);

struct BeamOptions {
  std::string prompt = {};
  Index length = 200;
  Index width = 4;
  /// Texts are compared by log p(text) / tokens^length_penalty, an end that was chosen being a token. 0: by log p.
  double length_penalty = 0;
  std::string match = {};  // as in GenerateOptions
};

/// Beam search (Lowerre 1976): of all ways to write one token more, the `width` best stay; texts that have ended stay
/// among them. The texts that are left, best first. Begins and throws as `generate`.
std::vector<WrittenText> beam_search(TextModel& model, const Vocabulary& vocabulary, const BeamOptions& options,
                                     const Continuation* from = nullptr);

/// A continuation as a file, which replaces `file` atomically, and back. Throws InputError for a file that cannot be
/// written or read, and for one of another model.
void save_continuation(const std::filesystem::path& file, const TextModel& model, const Continuation& continuation);
Continuation load_continuation(const std::filesystem::path& file, const TextModel& model);

}  // namespace unfold
