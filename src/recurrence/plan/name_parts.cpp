#include "recurrence/plan/passes.h"

namespace unfold::recurrence {
namespace {

bool may_be_named(const Node& node) {
  return node.name.empty() &&
         (node.op == Op::kMap || node.op == Op::kProduct || node.op == Op::kConcat || node.op == Op::kSlice);
}

}  // namespace

Graph name_parts(Graph graph) {
  std::vector<int> readers(graph.nodes.size(), 0);
  for (const Node& node : graph.nodes) {
    for (const NodeId operand : node.operands) ++readers[at(operand)];
  }
  for (auto id = static_cast<NodeId>(graph.nodes.size()) - 1; id >= 0; --id) {
    const Node& node = graph[id];
    if (node.op != Op::kMap || node.name.empty()) continue;
    const bool activation = node.operands.size() == 1;
    const bool sum = node.function == kernels::Function::kAdd && node.name.starts_with("a_");
    if (!activation && !sum) continue;
    const std::string name = sum ? node.name : "a_" + node.name;
    for (const NodeId operand : node.operands) {
      Node& part = graph[operand];
      if (may_be_named(part) && readers[at(operand)] == 1 && part.size() == node.size()) part.name = name;
    }
  }
  return graph;
}

}  // namespace unfold::recurrence
