// The softmax above a cell that gives the logits itself.
#include "layers/output/output_layer.h"
#include "tensor/kernels/softmax_cross_entropy.h"

namespace unfold {

namespace {

class CellSoftmaxStream final : public OutputStream {
 public:
  explicit CellSoftmaxStream(Index symbols) : symbols_(symbols) {}

  void refresh() override {}
  void log_probabilities(const float* x, Index rows, float* result) override {
    kernels::log_softmax(x, symbols_, rows, symbols_, result, symbols_);
  }
  Index bytes() const override { return 0; }

 private:
  Index symbols_;
};

class CellSoftmax final : public OutputLayer {
 public:
  explicit CellSoftmax(Index symbols) : symbols_(symbols) {}

  const ParameterList& parameters() const override { return none_; }

  Variable loss(Tape& tape, Variable x, std::span<const std::int32_t> targets, double smoothing,
                double& nats) override {
    return softmax_cross_entropy(tape, x, targets, smoothing, &nats);
  }

  std::vector<double> nats(const Tensor& x, std::span<const std::int32_t> targets) override {
    std::vector<double> nats(targets.size());
    kernels::softmax_cross_entropy(x.data(), symbols_, targets, symbols_, 1.0F, nats.data(), nullptr, 0);
    return nats;
  }

  Tensor log_probabilities(const Tensor& x) override {
    Tensor result = Tensor::uninitialised(x.shape());
    kernels::log_softmax(x.data(), symbols_, x.shape()[0], symbols_, result.data(), symbols_);
    return result;
  }

  std::unique_ptr<OutputStream> stream() override { return std::make_unique<CellSoftmaxStream>(symbols_); }

 private:
  Index symbols_;
  ParameterList none_;
};

}  // namespace

std::unique_ptr<OutputLayer> make_cell_softmax(Index symbols) { return std::make_unique<CellSoftmax>(symbols); }

}  // namespace unfold
