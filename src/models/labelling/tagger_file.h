// The files of taggers that are networks. See docs/file_format.md.
#pragma once

#include "models/safetensors.h"
#include "unfold/recurrent_tagger.h"

namespace unfold {

inline constexpr const char* kTaggerFormat = "unfold tagger";

/// The model in a file of that format. Throws InputError where it is damaged, not what save_labelling_model wrote, or
/// does not answer as when it was saved.
RecurrentTagger read_tagger(TensorFile& file);

/// As metadata: what makes the network, equations included.
void store_configuration(const RecurrentTaggerOptions& options, TensorFile& file);

}  // namespace unfold
