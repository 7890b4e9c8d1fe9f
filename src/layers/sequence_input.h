// What the first layer of a stack reads, as vectors.
#pragma once

#include "unfold/layers.h"

namespace unfold {

/// [N, size], whatever stands for them.
Variable vectors(Tape& tape, const SequenceInput& input, Index size);

}  // namespace unfold
