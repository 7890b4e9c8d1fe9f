// The softmax over all symbols, its matrix its own or the embedding's table (Press and Wolf 2017; Inan et al. 2017).
#include <optional>

#include "base/random.h"
#include "layers/output/softmax_stream.h"
#include "layers/start.h"

namespace unfold {

namespace {

class FullSoftmax final : public OutputLayer {
 public:
  explicit FullSoftmax(const OutputPlace& place) : bias_("output.b", {place.symbols}), precision_(place.precision) {
    if (place.table == nullptr) {
      own_.emplace("output.W", Shape{place.symbols, place.inputs});
      start_glorot(*own_, combine(place.seed, 0));
      parameters_.push_back(&*own_);
    }
    parameters_.push_back(&bias_);
    weights_.emplace(own_ ? *own_ : *place.table, &bias_);
    blocks_ = {&*weights_};
  }

  const ParameterList& parameters() const override { return parameters_; }

  Variable loss(Tape& tape, Variable x, std::span<const std::int32_t> targets, double smoothing,
                double& nats) override {
    std::vector<double> rows(targets.size());
    const double weight = 1.0 / static_cast<double>(targets.size());
    const Variable loss = linear_cross_entropy(tape, x, blocks_, targets, weight, smoothing, rows, precision_);
    nats = 0;
    for (const double row : rows) nats += weight * row;
    return loss;
  }

  std::vector<double> nats(const Tensor& x, std::span<const std::int32_t> targets) override {
    std::vector<double> nats(targets.size());
    linear_nats(x, blocks_, targets, nats);
    return nats;
  }

  Tensor log_probabilities(const Tensor& x) override { return linear_log_softmax(x, blocks_); }

  std::unique_ptr<OutputStream> stream() override { return std::make_unique<SoftmaxStream>(blocks_); }

 private:
  std::optional<Parameter> own_;  // [V, inputs]
  Parameter bias_;
  std::optional<LinearWeights> weights_;
  LinearBlocks blocks_;
  ParameterList parameters_;
  Precision precision_;
};

}  // namespace

std::unique_ptr<OutputLayer> make_full_softmax(const OutputPlace& place) {
  return std::make_unique<FullSoftmax>(place);
}

}  // namespace unfold
