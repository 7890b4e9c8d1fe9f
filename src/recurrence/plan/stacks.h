// Which products are done together, and where every value lies: what is multiplied or summed together lies side by
// side.
#pragma once

#include <vector>

#include "recurrence/plan/plan.h"

namespace unfold::recurrence {

/// Products that are one product over stacked operands and stacked outputs, at one place and level.
struct ProductGroup {
  Pass pass = Pass::kForward;
  When when = When::kBefore;
  int level = 1;
  std::vector<ValueId> operands;
  std::vector<ValueId> outputs;
};

std::vector<ProductGroup> find_product_groups(const Flow& flow);

/// Parameter gradients that share their operand: one product over stacked gradients.
struct GradientGroup {
  ValueId operand = kNoValue;
  std::vector<ValueId> gradients;
};

std::vector<GradientGroup> find_gradient_groups(const Flow& flow);

/// Whether a value must be in memory: another step, or the caller, reads it.
std::vector<char> find_stored(const Flow& flow);

/// Position of a step in the order of execution; values die at positions.
int position(Pass pass, When when, int level);

/// Fills plan.buffers, locations, state_buffers and message_buffers.
void assign_buffers(Plan& plan, const std::vector<ProductGroup>& products, const std::vector<GradientGroup>& gradients);

}  // namespace unfold::recurrence
