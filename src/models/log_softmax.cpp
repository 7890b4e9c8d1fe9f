#include "models/log_softmax.h"

#include <algorithm>
#include <cmath>

#include "base/threads.h"

namespace unfold {

Tensor log_softmax(const Tensor& logits) {
  Tensor result = Tensor::uninitialised(logits.shape());
  const Index columns = logits.shape()[1];
  parallel(logits.shape()[0], [&](Index row) {
    const float* from = logits.data() + row * columns;
    float* to = result.data() + row * columns;
    const double largest = *std::max_element(from, from + columns);
    double sum = 0;
    for (Index column = 0; column < columns; ++column) sum += std::exp(from[column] - largest);
    const double shift = largest + std::log(sum);
    for (Index column = 0; column < columns; ++column) to[column] = static_cast<float>(from[column] - shift);
  });
  return result;
}

}  // namespace unfold
