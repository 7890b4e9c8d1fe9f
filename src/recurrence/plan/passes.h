// The planning passes, in the order in which make_plan applies them.
#pragma once

#include "recurrence/graph/graph.h"
#include "recurrence/plan/flow.h"
#include "unfold/recurrence.h"

namespace unfold::recurrence {

/// Names what a cell leaves unnamed, for explanations: the argument of `i = sigmoid(...)` is a_i, as in the lectures.
Graph name_parts(Graph graph);

/// Sums of products become one value that products add to: W_xi x + W_hi h. What else was in the sum is added after it.
void collect_sums(Flow& flow);

/// Backward computes cheap forward values again from what is kept, instead of keeping them too.
void recompute_cheap_values(Flow& flow);

/// Marks the values that statistics of a tick alone decide: 1 / sqrt(variance + epsilon). Where rows overwrite them, as
/// next values do, they are copied for each row (separate_next_values).
void find_tick_values(Flow& flow);

/// Finds the states that recur, and puts every value before, inside or after the loop, or once per sequence.
void place(Flow& flow);

/// W_xi x + W_hi h: what can be multiplied for all ticks at once, before the loop, is a sum of its own, and what the
/// loop multiplies is added to it by the program that reads both. A product that added to memory itself was measured to
/// lose a tenth in float32 and a fifth in bfloat16.
void divide_sums(Flow& flow);

/// Gives every state a next value, and every message a value, that nothing else claims: leaves and shared ones are
/// copied.
void separate_next_values(Flow& flow);

/// The gradient of a vector is the sum of its rows. Where a program outside the loop has them at hand, it sums those of
/// each tick, so that they need not be written, nor read again.
void sum_vector_gradients(Flow& flow, const Workload& workload);

/// Orders the values of each place into alternating levels of elementwise programs (even) and products (odd).
/// Statistics and what they decide alone stand beside the products.
void assign_levels(Flow& flow);

/// An input's product less its mean over the rows of a tick is computed by each program that reads it, and not written:
/// only the product lies in memory, or a table of tokens.
void recompute_beside_readers(Flow& flow);

}  // namespace unfold::recurrence
