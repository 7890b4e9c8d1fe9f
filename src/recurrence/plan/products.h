// Turns groups of products into steps: stacked matrices, look-ups, and the deferred gradients of parameters.
#pragma once

#include "recurrence/plan/plan.h"
#include "recurrence/plan/stacks.h"

namespace unfold::recurrence {

void emit_products(Plan& plan, const std::vector<ProductGroup>& groups);
void emit_parameter_gradients(Plan& plan, const std::vector<GradientGroup>& groups);

/// Whether reading `operand` as a factor of a product is a row look-up.
bool is_lookup(const Plan& plan, ValueId operand);

}  // namespace unfold::recurrence
