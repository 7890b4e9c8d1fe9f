// What the options of all networks over sequences have in common: their stack of recurrences, and what none may say.
#pragma once

#include "unfold/layers.h"

namespace unfold {

/// Throws UsageError for rates out of range, and for dropout or skip connections between layers where there is one.
void expect_sound(const DropoutOptions& dropout, double label_smoothing, std::size_t layers, bool skip);

/// The stack that options describe, but for its input, direction and target.
template <class Options>
StackOptions stack_of(const Options& options, std::uint64_t seed) {
  StackOptions stack;
  stack.hidden = options.hidden;
  stack.skip = options.skip;
  stack.residual = options.residual;
  stack.dropout = options.dropout.between;
  stack.rewrites = options.rewrites;
  stack.workload = {.batch = options.batch, .steps = options.steps, .precision = options.precision};
  stack.initialisation = options.initialisation;
  stack.seed = seed;
  return stack;
}

}  // namespace unfold
