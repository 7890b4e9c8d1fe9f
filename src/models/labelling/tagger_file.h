// The files of taggers that are networks. See docs/file_format.md.
#pragma once

#include "models/safetensors.h"
#include "unfold/recurrent_tagger.h"

namespace unfold {

inline constexpr const char* kTaggerFormat = "unfold tagger";

/// The model in a file of that format. Throws InputError where it is damaged, not what save_labelling_model wrote, or
/// does not answer as when it was saved.
RecurrentTagger read_tagger(TensorFile& file);

/// Everything that makes the network but its parameters and labels: options, equations, and what it reads. A checkpoint
/// with another make cannot be continued.
void store_make(const RecurrentTagger& model, TensorFile& file);

}  // namespace unfold
