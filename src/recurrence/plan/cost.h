// What a plan costs: operations of its matrix products, bytes that its loop moves, values that it keeps.
#pragma once

#include "recurrence/plan/plan.h"

namespace unfold::recurrence {

/// Elements kept per row and tick between forward and backward, in buffers of the plan that both read: 6 H for an lstm.
Index kept_per_row(const Plan& plan);

/// Multiplications and additions of one training step's (or evaluation's) products, as executed.
double product_operations(const Plan& plan);

/// Bytes of all buffers for the workload's batch and steps.
double buffer_bytes(const Plan& plan);

/// All of PlanCost. `written` is the graph of the cell before rewrites of training, whose products are counted as
/// written.
PlanCost cost_of(const Plan& plan, const Graph& written);

}  // namespace unfold::recurrence
