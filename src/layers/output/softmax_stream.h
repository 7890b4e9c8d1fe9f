// log softmax of the logits of few rows, their matrices packed for streaming.
#pragma once

#include <vector>

#include "layers/linear_stream.h"
#include "layers/output/output_layer.h"
#include "tape/operations/linear_cross_entropy.h"

namespace unfold {

class SoftmaxStream final : public OutputStream {
 public:
  explicit SoftmaxStream(const LinearBlocks& blocks);

  void refresh() override;
  void log_probabilities(const float* x, Index rows, float* result) override;
  Index bytes() const override;
  Index symbols() const { return symbols_; }

 private:
  std::vector<LinearStream> blocks_;
  Index inputs_;
  Index symbols_ = 0;
};

}  // namespace unfold
