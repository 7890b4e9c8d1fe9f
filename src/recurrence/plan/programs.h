// Fuses the elementwise values of one level into a register program that is run row by row.
#pragma once

#include "recurrence/plan/plan.h"

namespace unfold::recurrence {

/// Adds one program, and one step that runs it, for every place and level with elementwise values.
void emit_programs(Plan& plan);

}  // namespace unfold::recurrence
