// RMSprop.
#include "optimize/direction.h"
#include "unfold/optimizer.h"

namespace unfold {

RmsProp::RmsProp(const ParameterList& parameters, RmsPropOptions options)
    : Optimizer(parameters, {"squares"}), options_(options) {}

Optimizer::Sweep RmsProp::sweep(std::uint64_t, double learning_rate, double gradient_scale) const {
  const kernels::RootStep step = {.direction = direction(gradient_scale, options_.weight_decay),
                                  .rate = static_cast<float>(learning_rate),
                                  .keep = static_cast<float>(options_.decay),
                                  .add = static_cast<float>(1 - options_.decay),
                                  .epsilon = static_cast<float>(options_.epsilon)};
  return [step](const Piece& piece) { kernels::root(piece.value, piece.gradient, piece.memory[0], piece.count, step); };
}

}  // namespace unfold
