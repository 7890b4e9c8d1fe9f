// The files of networks that predict vectors. See docs/file_format.md.
#pragma once

#include "models/safetensors.h"
#include "unfold/sequence_model.h"

namespace unfold {

/// What makes the network, equations and coding included.
void store_make(const SequenceModel& model, TensorFile& file);

}  // namespace unfold
