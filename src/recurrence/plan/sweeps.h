// Sweeps: runs of elementwise instructions that go over a row together, block by block, so that what one leaves to the
// next is still in the nearest cache and is no row of its own.
#pragma once

#include <vector>

#include "recurrence/plan/plan.h"

namespace unfold::recurrence {

/// The values of a program in an order, operands first, that brings together what may be one sweep: all gates' layer
/// norms are summed before the first is divided.
std::vector<ValueId> in_order_of_sweeps(const Flow& flow, std::vector<ValueId> values);

/// Numbers the sweeps of a program whose registers hold one value each.
void form_sweeps(Program& program);

}  // namespace unfold::recurrence
