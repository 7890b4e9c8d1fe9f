// Stochastic gradient descent.
#include "optimize/direction.h"
#include "unfold/optimizer.h"

namespace unfold {

Sgd::Sgd(const ParameterList& parameters, double weight_decay)
    : Optimizer(parameters, {}), weight_decay_(weight_decay) {}

Optimizer::Sweep Sgd::sweep(std::uint64_t, double learning_rate, double gradient_scale) const {
  const kernels::SgdStep step = {.direction = direction(gradient_scale, weight_decay_),
                                 .rate = static_cast<float>(learning_rate)};
  return [step](const Piece& piece) { kernels::sgd(piece.value, piece.gradient, piece.count, step); };
}

}  // namespace unfold
