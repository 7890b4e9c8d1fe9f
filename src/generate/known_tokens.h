// The tokens of a text that may hold symbols which the vocabulary lacks.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "unfold/data.h"

namespace unfold {

struct KnownTokens {
  std::vector<std::int32_t> tokens;
  Index unknown = 0;  // symbols that are left out
};

/// Throws InputError for a text that is not UTF-8, at all levels but byte.
KnownTokens known_tokens(const Vocabulary& vocabulary, std::string_view text);

}  // namespace unfold
