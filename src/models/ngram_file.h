// An n-gram model as a safetensors file. See docs/file_format.md.
#pragma once

#include "models/safetensors.h"
#include "unfold/baselines.h"
#include "unfold/data.h"

namespace unfold {

inline constexpr const char* kNGramFormat = "unfold n-gram model";

/// Arrays and metadata of a counted model. Throws InputError for one that was read from an ARPA file.
TensorFile ngram_content(const NGram& model, const Vocabulary& vocabulary);

/// The model in a file of kNGramFormat. Throws InputError where the file is damaged or not what ngram_content made.
NGram read_ngram(TensorFile& file, Index vocabulary_size);

}  // namespace unfold
