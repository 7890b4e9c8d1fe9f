// Which of a level's elementwise values one program computes.
#pragma once

#include <vector>

#include "recurrence/plan/plan.h"

namespace unfold::recurrence {

/// Values of one size, which a program can go through block by block, are kept apart from the rest, as far as no
/// operand in memory is shared: a program may overwrite what it alone reads.
std::vector<std::vector<ValueId>> divide_level(const Plan& plan, const std::vector<ValueId>& values);

}  // namespace unfold::recurrence
