// A plan in words, as a database prints a query plan: what was hoisted, merged, fused and kept, with shapes, work and
// bytes.
#pragma once

#include <string>

#include "recurrence/plan/plan.h"

namespace unfold::recurrence {

std::string explain(const Plan& plan);

/// Elements kept per row and tick between forward and backward, buffers of the plan that both read: "6 H" for an lstm.
Index kept_per_row(const Plan& plan);

/// Multiplications and additions of one training step's (or evaluation's) products, as executed.
double product_operations(const Plan& plan);

}  // namespace unfold::recurrence
