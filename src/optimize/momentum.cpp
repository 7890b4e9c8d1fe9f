// Momentum, and Nesterov's.
#include "optimize/direction.h"
#include "unfold/optimizer.h"

namespace unfold {

Momentum::Momentum(const ParameterList& parameters, MomentumOptions options)
    : Optimizer(parameters, {"velocity"}), options_(options) {}

Optimizer::Sweep Momentum::sweep(std::uint64_t, double learning_rate, double gradient_scale) const {
  const kernels::MomentumStep step = {.direction = direction(gradient_scale, options_.weight_decay),
                                      .rate = static_cast<float>(learning_rate),
                                      .momentum = static_cast<float>(options_.momentum),
                                      .nesterov = options_.nesterov};
  return [step](const Piece& piece) {
    kernels::momentum(piece.value, piece.gradient, piece.memory[0], piece.count, step);
  };
}

}  // namespace unfold
