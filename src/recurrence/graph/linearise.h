// The graph with its non-linear functions replaced by the identity: then, with small integers as values, every order of
// summation gives the same bits, which is how executors are compared exactly.
#pragma once

#include <string>
#include <vector>

#include "recurrence/graph/graph.h"

namespace unfold::recurrence {

/// Every sigmoid, tanh, relu, softplus, exp, log and sqrt becomes the identity.
Graph linearise(Graph graph);

/// What in `graph` does not map integers to integers: "divide", "number 0.5", and the unary functions that linearise
/// replaces. Sorted, each once; empty if arithmetic on (small) integers is exact.
std::vector<std::string> inexact_functions(const Graph& graph);

}  // namespace unfold::recurrence
