// The options of a language model as metadata of a file: the key "configuration" (sizes, seed, rewrites) and the key
// "cell" (its text and options), JSON both.
#pragma once

#include <map>
#include <string>

#include "models/safetensors.h"
#include "unfold/language_model.h"

namespace unfold {

void store_configuration(const LanguageModelOptions& options, TensorFile& file);

/// Throws InputError where the metadata are missing or not what store_configuration wrote.
LanguageModelOptions read_configuration(const TensorFile& file);

}  // namespace unfold
