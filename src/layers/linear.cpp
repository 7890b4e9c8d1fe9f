// The linear layer.
#include "base/random.h"
#include "layers/linear_stream.h"
#include "layers/start.h"
#include "unfold/layers.h"

namespace unfold {

struct Linear::Implementation {
  Implementation(Index inputs, Index outputs, const std::string& prefix)
      : matrix(prefix + ".W", {outputs, inputs}), bias(prefix + ".b", {outputs}), weights(matrix, &bias) {}

  Parameter matrix;
  Parameter bias;
  LinearWeights weights;
  ParameterList parameters = {&matrix, &bias};
};

Linear::Linear(Index inputs, Index outputs, std::uint64_t seed, const std::string& prefix)
    : implementation_(std::make_unique<Implementation>(inputs, outputs, prefix)) {
  start_glorot(implementation_->matrix, combine(seed, 0));
}

Linear::~Linear() = default;
Linear::Linear(Linear&&) noexcept = default;
Linear& Linear::operator=(Linear&&) noexcept = default;

Variable Linear::forward(Tape& tape, Variable x) { return linear(tape, x, implementation_->weights); }

LinearStream Linear::stream() const { return LinearStream(implementation_->weights); }

const ParameterList& Linear::parameters() const { return implementation_->parameters; }

}  // namespace unfold
