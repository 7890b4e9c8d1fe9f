// How a text begins: its boundary, the prompt, the state after it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "unfold/generate.h"

namespace unfold {

/// The token that begins and ends every sequence of a divided text, where there is one.
std::optional<std::int32_t> boundary_token(const Vocabulary& vocabulary);

/// What every text reads before its first token: the boundary, or a line end, where the vocabulary has one.
std::optional<std::int32_t> first_token(const Vocabulary& vocabulary);

/// The point from which texts are written.
struct Start {
  TextState state;                         // of one text, after every token but the last
  std::optional<std::int32_t> last_token;  // none: see token_before
  std::vector<std::uint8_t> holds;         // [V], 1 for each symbol that was read
};

/// The last token of the start, or one drawn evenly for this seed.
std::int32_t token_before(const Start& start, std::uint64_t seed);

/// Reads the prompt from where `from` stopped, or from the beginning of a text.
Start read_prompt(TextModel& model, const Vocabulary& vocabulary, const std::string& prompt, const Continuation* from);

}  // namespace unfold
