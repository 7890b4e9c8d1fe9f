// The logarithm of the softmax, for streaming and generation.
#pragma once

#include "unfold/tensor.h"

namespace unfold {

/// logits - log(sum of exp(logits)), row by row, summed in double: [N, V].
Tensor log_softmax(const Tensor& logits);

}  // namespace unfold
