// The message clip: backpropagation through time sends no element beyond a bound from tick to tick (Graves 2013).
#include <fmt/format.h>

#include <cmath>

#include "recurrence/graph/graph_builder.h"
#include "recurrence/rewrites/rewrites.h"
#include "unfold/error.h"

namespace unfold::recurrence {

Graph clip_messages(const Graph& graph, const Rewrite& rewrite, Mode mode) {
  if (!(rewrite.bound > 0) || !std::isfinite(rewrite.bound)) {
    throw InputError(fmt::format("message clip: the bound is {}; expected a number above 0", rewrite.bound));
  }
  if (mode == Mode::kEvaluation) return graph;
  GraphBuilder builder;
  builder.graph() = declarations_of(graph);
  std::vector<NodeId> copies;
  for (const Node& node : graph.nodes) {
    Node copy = node;
    for (NodeId& operand : copy.operands) operand = copies[at(operand)];
    const NodeId same = builder.add(std::move(copy));
    // A state is one node, so the gradients of all its reads meet here.
    copies.push_back(node.op == Op::kState ? builder.clip_gradient(same, rewrite.bound) : same);
  }
  Graph& result = builder.graph();
  for (NodeId& next : result.next) next = copies[at(next)];
  result.output = copies[at(graph.output)];
  return std::move(result);
}

}  // namespace unfold::recurrence
