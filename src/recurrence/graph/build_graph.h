// From the parsed cell to the graph of one step, with every size known.
#pragma once

#include "recurrence/graph/graph.h"
#include "recurrence/parse/definition.h"

namespace unfold::recurrence {

/// The step of `definition` for the given sizes: nodes in topological order, every shape filled in, equal nodes built
/// once, nothing that neither the output nor a next value needs. Throws InputError where the cell does not fit the
/// sizes.
Graph build_graph(const Definition& definition, const KnownSizes& sizes);

}  // namespace unfold::recurrence
