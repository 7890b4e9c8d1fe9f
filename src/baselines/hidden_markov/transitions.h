// Probabilities of tags after tags, from counts.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "unfold/tensor.h"

namespace unfold {

/// The table of transitions of HiddenMarkov::Tables: for order 2
///
///   p(c | a, b) = l_1 P(c) + l_2 P(c | b) + l_3 P(c | a, b),
///
/// P relative frequencies, the weights l by deleted interpolation (Brants 2000, 2.2): each n-gram gives its count to
/// the order that predicts it best with one occurrence of it left out. Order 1 has two terms, order 0 the first. In
/// each sentence a step without a tag (below 0) ends one history and begins another.
std::vector<double> interpolated_transitions(std::span<const std::vector<std::int32_t>> tags, Index tag_count,
                                             int order);

}  // namespace unfold
