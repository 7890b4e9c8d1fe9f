// Weight drop: DropConnect (Wan et al. 2013) on the recurrent matrices (Merity et al. 2017), one mask per training
// step.
#include <fmt/format.h>

#include "recurrence/graph/graph_builder.h"
#include "recurrence/graph/split_concatenations.h"
#include "recurrence/rewrites/rewrites.h"
#include "unfold/error.h"

namespace unfold::recurrence {
namespace {

/// Per node, whether its value holds a previous state without a product in between. A next value is not a previous one.
std::vector<char> holds_previous_state(const Graph& graph) {
  std::vector<char> result(graph.nodes.size(), 0);
  for (std::size_t i = 0; i < graph.nodes.size(); ++i) {
    const Node& node = graph.nodes[i];
    result[i] = node.op == Op::kState && !graph.states[at(node.index)].counts_ticks;
    if (node.op == Op::kProduct || node.op == Op::kNext) continue;
    for (const NodeId operand : node.operands) result[i] |= result[at(operand)];
  }
  return result;
}

}  // namespace

Graph drop_weights(const Graph& graph, const Rewrite& rewrite, Mode mode) {
  check_rate("weight drop", rewrite.rate);
  const Graph split = split_concatenations(graph);
  const std::vector<char> recurrent = holds_previous_state(split);
  GraphBuilder builder;
  builder.graph() = declarations_of(split);
  std::vector<NodeId> copies;
  bool dropped = false;
  for (const Node& node : split.nodes) {
    Node copy = node;
    for (NodeId& operand : copy.operands) operand = copies[at(operand)];
    if (node.op == Op::kProduct && recurrent[at(node.operands[1])]) {
      Node matrix = split[node.operands[0]];
      matrix.number = rewrite.rate;
      copy.operands[0] = builder.add(std::move(matrix));
      dropped = true;
    }
    copies.push_back(builder.add(std::move(copy)));
  }
  if (!dropped) {
    throw InputError(
        fmt::format("weight drop does not fit the cell '{}': it drops elements of the matrices that multiply a "
                    "previous state, and this cell has no such matrix\n  hint: drop the layer's inputs or outputs "
                    "instead",
                    graph.cell));
  }
  if (mode == Mode::kEvaluation || rewrite.rate == 0) return graph;
  Graph& result = builder.graph();
  for (NodeId& next : result.next) next = copies[at(next)];
  result.output = copies[at(split.output)];
  return without_dead_nodes(result);
}

}  // namespace unfold::recurrence
