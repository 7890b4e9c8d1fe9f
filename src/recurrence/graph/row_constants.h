// What is the same for all rows of a tick: numbers, parameters, statistics, and what follows from them alone.
#pragma once

#include <algorithm>
#include <vector>

#include "recurrence/graph/graph.h"

namespace unfold::recurrence {

/// Whether a node is, where is_constant(operand) says it of its operands.
template <class IsConstant>
bool is_row_constant(const Node& node, const IsConstant& is_constant) {
  const bool follows = node.op == Op::kMap || node.op == Op::kSpread;
  return node.op == Op::kNumber || node.op == Op::kParameter || node.op == Op::kTickMean ||
         (follows && std::ranges::all_of(node.operands, is_constant));
}

/// Per node of a forward graph, whether it is.
std::vector<char> find_row_constants(const Graph& graph);

/// x times such factors as x (a b ...), so that they meet once for a tick and not once for every row: what a statistic
/// divides by and the gain that follows it. Only where one of them is no number or parameter; those meet no less often.
Graph gather_row_constants(const Graph& graph);

}  // namespace unfold::recurrence
