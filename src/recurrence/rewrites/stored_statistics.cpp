// Outside training the statistics of a tick are those that training stored: rows no longer depend on one another.
#include "recurrence/graph/graph_builder.h"
#include "recurrence/rewrites/rewrites.h"

namespace unfold::recurrence {

Graph read_stored_statistics(Graph graph) {
  bool found = false;
  for (Node& node : graph.nodes) {
    if (node.op != Op::kTickMean) continue;
    found = true;
    node.op = Op::kTickRow;
    node.operands = {node.operands[1]};
  }
  return found ? without_dead_nodes(graph) : graph;
}

}  // namespace unfold::recurrence
