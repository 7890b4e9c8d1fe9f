// What is the same for all rows of a tick: numbers, parameters, statistics, and what follows from them alone.
#pragma once

#include <vector>

#include "recurrence/graph/graph.h"

namespace unfold::recurrence {

/// Per node of a forward graph, whether it is.
std::vector<char> find_row_constants(const Graph& graph);

/// x times such factors as x (a b ...), so that they meet once for a tick and not once for every row: what a statistic
/// divides by and the gain that follows it. Only where one of them is no number or parameter; those meet no less often.
Graph gather_row_constants(const Graph& graph);

}  // namespace unfold::recurrence
