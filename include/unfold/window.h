// Fixed windows: several steps of a sequence side by side in one vector, so that a layer without memory, too, sees more
// than one of them.
#pragma once

#include "unfold/recurrence.h"
#include "unfold/tape.h"

namespace unfold {

/// Every step between the `reach` steps before it and the `reach` steps after it, in their order, zeros beyond the ends
/// of its sequence: x [N, F], rows of `unrolling` -> [N, (2 reach + 1) F]. The window approach of Collobert et al.
/// 2011. Throws ContractError for another number of rows, or a reach below 0.
Variable steps_around(Tape& tape, Variable x, const Unrolling& unrolling, Index reach);

/// The first `count` steps of each sequence, zeros where it is shorter; what comes later is not read: x [N, F], rows of
/// `unrolling` -> [B, count F], sequences in the caller's order. Bengio et al. 2003. Throws ContractError for another
/// number of rows, or a count below 1.
Variable first_steps(Tape& tape, Variable x, const Unrolling& unrolling, Index count);

}  // namespace unfold
