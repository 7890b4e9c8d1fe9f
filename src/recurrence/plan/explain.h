// A plan in words, as a database prints a query plan: what was hoisted, merged, fused and kept, with shapes, work and
// bytes.
#pragma once

#include <string>

#include "recurrence/plan/plan.h"

namespace unfold::recurrence {

std::string explain(const Plan& plan);

}  // namespace unfold::recurrence
