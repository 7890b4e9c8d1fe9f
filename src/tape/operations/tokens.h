// A check that operations on tokens share.
#pragma once

#include <cstdint>
#include <span>

#include "unfold/tensor.h"

namespace unfold {

/// Throws ContractError, naming the operation, unless every token is in [0, vocabulary).
void expect_tokens(const char* operation, std::span<const std::int32_t> tokens, Index vocabulary);

}  // namespace unfold
