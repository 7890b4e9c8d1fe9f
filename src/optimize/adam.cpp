// Adam, and AdamW.
#include <cmath>

#include "optimize/direction.h"
#include "unfold/optimizer.h"

namespace unfold {

Adam::Adam(const ParameterList& parameters, AdamOptions options)
    : Optimizer(parameters, {"first_moment", "second_moment"}), options_(options) {}

Optimizer::Sweep Adam::sweep(std::uint64_t t, double learning_rate, double gradient_scale) const {
  const double first = 1.0 - std::pow(options_.beta1, static_cast<double>(t));
  const double second = std::sqrt(1.0 - std::pow(options_.beta2, static_cast<double>(t)));
  const double penalty = options_.decoupled ? 0 : options_.weight_decay;
  const double decay = options_.decoupled ? learning_rate * options_.weight_decay : 0;
  const kernels::AdamStep step = {.direction = direction(gradient_scale, penalty),
                                  .rate = static_cast<float>(learning_rate * second / first),
                                  .beta1 = static_cast<float>(options_.beta1),
                                  .beta1_rest = static_cast<float>(1 - options_.beta1),
                                  .beta2 = static_cast<float>(options_.beta2),
                                  .beta2_rest = static_cast<float>(1 - options_.beta2),
                                  .epsilon = static_cast<float>(options_.epsilon * second),
                                  .decay = static_cast<float>(decay)};
  return [step](const Piece& piece) {
    kernels::adam(piece.value, piece.gradient, piece.memory[0], piece.memory[1], piece.count, step);
  };
}

}  // namespace unfold
