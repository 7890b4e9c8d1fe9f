// W [a, b] as W[:, :a] a + W[:, a:] b.
#pragma once

#include "recurrence/graph/graph.h"

namespace unfold::recurrence {

/// Splits every product with a concatenation, so that the part of the input can leave the loop, products of the same
/// vector can be done together, and weight drop reaches the columns that multiply a state and no others.
Graph split_concatenations(const Graph& graph);

}  // namespace unfold::recurrence
