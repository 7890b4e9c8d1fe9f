// How each parameter starts: as the cell's `init` lines say, or by default.
#pragma once

#include "recurrence/graph/graph.h"
#include "recurrence/parse/definition.h"

namespace unfold::recurrence {

/// Fills `initial` of every parameter of `graph`, which has its nodes. Default: zero for vectors; for a matrix,
/// orthogonal where it is applied to what a state carries and to no input, else Glorot. Throws InputError where a kind
/// does not fit a shape.
void choose_initials(const Definition& definition, Graph& graph);

/// Per parameter of `graph`: true for a matrix that is applied to what a state carries and to no input.
std::vector<bool> reads_states_only(const Graph& graph);

}  // namespace unfold::recurrence
