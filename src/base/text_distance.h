// The nearest of some known names to one that is not known, for 'did you mean'.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>

namespace unfold {

/// Number of single-character insertions, deletions, replacements and swaps of neighbours that turn `a` into `b`
/// (optimal string alignment; Damerau 1964). Characters are bytes.
std::size_t edit_distance(std::string_view a, std::string_view b);

/// The candidate with the least distance to `word`, the earlier one on a tie; "" where none is near: more than a third
/// of the longer one's characters differ, and more than one.
std::string nearest(std::string_view word, std::span<const std::string> candidates);

/// "; did you mean 'tanh'?" to end an error message with, or "" where no candidate is near.
std::string did_you_mean(std::string_view word, std::span<const std::string> candidates);

}  // namespace unfold
