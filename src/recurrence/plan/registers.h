// The registers of a program: which are rows, which only blocks, and which may serve one value after another.
#pragma once

#include <vector>

#include "recurrence/plan/plan.h"

namespace unfold::recurrence {

/// Packs registers that hold one value each, of `sizes` elements, into as few rows and blocks as are alive at once.
/// What is spread for sweeps fills a block, not a row. After form_sweeps.
void assign_registers(Program& program, const std::vector<Index>& sizes);

}  // namespace unfold::recurrence
