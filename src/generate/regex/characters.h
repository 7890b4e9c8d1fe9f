// Sets of characters, and the bytes they are written as.
#pragma once

#include <cstdint>
#include <vector>

#include "generate/regex/syntax.h"

namespace unfold::regex {

/// What one character of an expression and of the text is.
enum class Alphabet : std::uint8_t { kBytes, kCodePoints };

/// Characters first to last, both included.
struct Range {
  std::uint32_t first = 0;
  std::uint32_t last = 0;
};

/// Every character that is in none of the ranges.
std::vector<Range> complement(std::vector<Range> ranges, Alphabet alphabet);

/// One character out of the ranges, as bytes: itself, or its UTF-8. Surrogates, which have none, are left out.
Node one_of(const std::vector<Range>& ranges, Alphabet alphabet);

}  // namespace unfold::regex
