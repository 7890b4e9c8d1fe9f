// The files of classifiers that are networks. See docs/file_format.md.
#pragma once

#include "models/safetensors.h"
#include "unfold/recurrent_classifier.h"

namespace unfold {

inline constexpr const char* kClassifierFormat = "unfold recurrent classifier";

/// What a classifier is made of, as a file's metadata: a checkpoint is one of the same make.
void store_make(const RecurrentClassifier& model, TensorFile& file);

/// The model in a file of that format. Throws InputError where it is damaged or answers otherwise than when it was
/// saved.
RecurrentClassifier read_classifier(TensorFile& file);

}  // namespace unfold
