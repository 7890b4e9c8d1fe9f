// Writing text with a language model.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "unfold/data.h"
#include "unfold/language_model.h"

namespace unfold {

/// Draws a symbol from softmax(log_probabilities / temperature) by inversion: `uniform` in [0, 1) chooses, so the draw
/// is a pure function of its arguments. Temperature 0 takes the most probable symbol, the first of equal ones. Throws
/// UsageError for a temperature that is negative or not finite.
std::int32_t sample(std::span<const float> log_probabilities, double temperature, double uniform);

/// Where a text stopped: enough to continue it.
struct Continuation {
  State state;                                  // of one sequence, after every token before the last
  std::optional<std::int32_t> last_token = {};  // written or given, not yet read by the model
};

struct GenerateOptions {
  std::string prompt = {};
  Index length = 200;  // in tokens
  double temperature = 1.0;
  std::uint64_t seed = 0;  // draw number n is keyed by (seed, n): the same text for the same seed
};

/// Called with each piece of text as it is written: the bytes of one token, and at word level the space before it.
/// Bytes pass through as they come: at byte level a character of several bytes arrives in pieces.
using PieceCallback = std::function<void(std::string_view piece)>;

/// Reads the prompt, then writes `length` tokens, and returns their text without the prompt. It begins where `from`
/// stopped, if given, and leaves there where it stops itself. Without prompt and continuation a text begins after a
/// line end, or after a token drawn evenly where the vocabulary has none. Throws InputError for a symbol of the prompt
/// that the vocabulary lacks.
std::string generate(LanguageModel& model, const Vocabulary& vocabulary, const GenerateOptions& options,
                     const PieceCallback& callback = {}, Continuation* from = nullptr);

}  // namespace unfold
