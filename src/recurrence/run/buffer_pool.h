// Memory of finished runs, kept for the next one: fresh pages would cost a tenth of a training step.
#pragma once

#include <mutex>
#include <vector>

#include "unfold/tensor.h"

namespace unfold::recurrence {

class BufferPool {
 public:
  /// [rows, columns], the elements not set.
  Tensor take(Index rows, Index columns) {
    const std::scoped_lock lock(mutex_);
    for (Tensor& spare : spares_) {
      if (spare.shape() != Shape{rows, columns}) continue;
      Tensor found = std::move(spare);
      spare = std::move(spares_.back());
      spares_.pop_back();
      return found;
    }
    return Tensor::uninitialised({rows, columns});
  }

  void give_back(std::vector<Tensor> buffers) {
    const std::scoped_lock lock(mutex_);
    // One run's buffers are enough: a batch of another shape replaces them.
    if (spares_.size() > 2 * buffers.size()) spares_.clear();
    for (Tensor& buffer : buffers) spares_.push_back(std::move(buffer));
  }

 private:
  std::mutex mutex_;
  std::vector<Tensor> spares_;
};

}  // namespace unfold::recurrence
