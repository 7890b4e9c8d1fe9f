// The range check of tokens.
#include "tape/operations/tokens.h"

#include <fmt/core.h>

#include <algorithm>

#include "unfold/error.h"

namespace unfold {

void expect_tokens(const char* operation, std::span<const std::int32_t> tokens, Index vocabulary) {
  const auto outside =
      std::find_if(tokens.begin(), tokens.end(), [&](std::int32_t token) { return token < 0 || token >= vocabulary; });
  if (outside == tokens.end()) return;
  throw ContractError(fmt::format("{}: token {} of {} is {}; expected [0, {})", operation, outside - tokens.begin(),
                                  tokens.size(), *outside, vocabulary));
}

}  // namespace unfold
