#include "recurrence/graph/split_concatenations.h"

namespace unfold::recurrence {
namespace {

/// Adds W[:, begin : ] v to `graph`; a concatenation is split into its parts, nested ones too.
NodeId add_product(Graph& graph, const Node& product, NodeId vector, Index begin) {
  const Node operand = graph[vector];
  if (operand.op != Op::kConcat) {
    Node node = product;
    node.operands[1] = vector;
    node.begin = begin;
    return graph.add(std::move(node));
  }
  NodeId sum = kNoNode;
  for (const NodeId part : operand.operands) {
    const NodeId term = add_product(graph, product, part, begin);
    begin += graph[part].size();
    if (sum == kNoNode) {
      sum = term;
      continue;
    }
    Node add;
    add.op = Op::kMap;
    add.function = kernels::Function::kAdd;
    add.operands = {sum, term};
    add.shape = product.shape;
    sum = graph.add(std::move(add));
  }
  return sum;
}

}  // namespace

Graph split_concatenations(const Graph& graph) {
  Graph result = graph;
  result.nodes.clear();
  std::vector<NodeId> moved;
  for (const Node& node : graph.nodes) {
    Node copy = node;
    for (NodeId& operand : copy.operands) operand = moved[at(operand)];
    if (copy.op == Op::kProduct) {
      const NodeId vector = copy.operands[1];
      moved.push_back(add_product(result, copy, vector, copy.begin));
    } else {
      moved.push_back(result.add(std::move(copy)));
    }
  }
  for (NodeId& next : result.next) next = moved[at(next)];
  if (result.output != kNoNode) result.output = moved[at(result.output)];
  return result;
}

}  // namespace unfold::recurrence
