// What a word looks like, for words that were never seen.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "unfold/tensor.h"

namespace unfold {

/// The names under which a word's endings are counted, from none on to the last `longest` characters, of UTF-8: each
/// begins with the word's shape (has a digit, begins with a capital, has a hyphen, none of these), which divides the
/// endings as TnT divides them by capitals (Brants 2000, 2.3).
std::vector<std::string> word_endings(std::string_view word, Index longest);

}  // namespace unfold
