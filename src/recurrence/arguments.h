// The contract of a forward run: shapes and numbers of what the caller passes.
#pragma once

#include "recurrence/graph/graph.h"
#include "unfold/recurrence.h"

namespace unfold::recurrence {

/// Throws ContractError, naming the array with both shapes, where `arguments` do not fit the graph.
void check_arguments(const Graph& graph, const ForwardArguments& arguments);

}  // namespace unfold::recurrence
