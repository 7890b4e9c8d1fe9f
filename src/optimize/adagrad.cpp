// Adagrad.
#include "optimize/direction.h"
#include "unfold/optimizer.h"

namespace unfold {

Adagrad::Adagrad(const ParameterList& parameters, AdagradOptions options)
    : Optimizer(parameters, {"squares"}), options_(options) {}

Optimizer::Sweep Adagrad::sweep(std::uint64_t, double learning_rate, double gradient_scale) const {
  const kernels::RootStep step = {.direction = direction(gradient_scale, options_.weight_decay),
                                  .rate = static_cast<float>(learning_rate),
                                  .keep = 1,
                                  .add = 1,
                                  .epsilon = static_cast<float>(options_.epsilon)};
  return [step](const Piece& piece) { kernels::root(piece.value, piece.gradient, piece.memory[0], piece.count, step); };
}

}  // namespace unfold
