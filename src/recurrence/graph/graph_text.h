// The graph in words, one line per declaration and node: for tests, messages and `unfold cells`.
#pragma once

#include <string>

#include "recurrence/graph/graph.h"

namespace unfold::recurrence {

/// One node: "%7 = multiply(%3, %6) [8]  # c' at 9:13".
std::string node_text(const Graph& graph, NodeId id);

/// "W_xi [8, 3] glorot", and "fixed" where it is not trained.
std::string parameter_text(const ParameterDeclaration& parameter);

/// Declarations, nodes, next values and output, one line each.
std::string graph_text(const Graph& graph);

}  // namespace unfold::recurrence
