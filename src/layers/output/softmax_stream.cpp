#include "layers/output/softmax_stream.h"

#include "tensor/kernels/softmax_cross_entropy.h"

namespace unfold {

SoftmaxStream::SoftmaxStream(const LinearBlocks& blocks) : inputs_(blocks.front()->inputs()) {
  for (LinearWeights* block : blocks) {
    blocks_.emplace_back(*block);
    symbols_ += block->outputs();
  }
}

void SoftmaxStream::refresh() {
  for (LinearStream& block : blocks_) block.refresh();
}

void SoftmaxStream::log_probabilities(const float* x, Index rows, float* result) {
  Index first = 0;
  for (const LinearStream& block : blocks_) {
    block.run(x, inputs_, rows, result + first, symbols_);
    first += block.outputs();
  }
  kernels::log_softmax(result, symbols_, rows, symbols_, result, symbols_);
}

Index SoftmaxStream::bytes() const {
  Index bytes = 0;
  for (const LinearStream& block : blocks_) bytes += block.bytes();
  return bytes;
}

}  // namespace unfold
