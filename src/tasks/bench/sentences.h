// Sentences made up for measuring: lengths and words as in real text, meaning as in none.
#pragma once

#include <span>
#include <vector>

#include "unfold/sequences.h"

namespace unfold {

/// Lengths as sentences of the English Web Treebank have them, where 10 % have 3 words at most, half 14, and 90 % 32: a
/// Weibull distribution of shape 1.4 and scale 18, whose mean is 16.4. Always the same ones.
std::vector<Index> sentence_lengths(Index count);

/// Sentences of these lengths whose words are as frequent as words are (zipf_tokens), the frequent ones short, each
/// with a tag; and a label for each sentence. Always the same ones.
SequenceData make_sentences(std::span<const Index> lengths);

}  // namespace unfold
