// Dropout of the recurrent connections: naive (a fresh mask every tick) and variational (one mask per sequence; Gal &
// Ghahramani 2016). Every node gets up to two copies: a plain one, in which products read masked vectors, and one in
// which the reads of states themselves are masked, for the way from a state to a product.
#include <fmt/format.h>

#include "recurrence/graph/graph_builder.h"
#include "recurrence/rewrites/rewrites.h"
#include "unfold/error.h"

namespace unfold::recurrence {
namespace {

class RecurrentDropout {
 public:
  RecurrentDropout(const Graph& graph, const Rewrite& rewrite) : graph_(graph) {
    builder_.graph() = declarations_of(graph);
    const bool every_tick = rewrite.kind == Rewrite::Kind::kNaiveDropout;
    for (const StateDeclaration& state : graph.states) {
      builder_.graph().masks.push_back({state.name, state.shape, rewrite.rate, 1 / (1 - rewrite.rate), every_tick});
    }
  }

  Graph run() {
    for (std::size_t i = 0; i < graph_.nodes.size(); ++i) copy(static_cast<NodeId>(i));
    Graph& result = builder_.graph();
    for (NodeId& next : result.next) next = plain_[static_cast<std::size_t>(next)];
    result.output = plain_[static_cast<std::size_t>(graph_.output)];
    return without_unused_masks(without_dead_nodes(result));
  }

 private:
  void copy(NodeId id) {
    const Node& node = graph_[id];
    const bool is_product = node.op == Op::kProduct;
    plain_.push_back(add(node, is_product ? masked_ : plain_));
    masked_.push_back(masked_copy(node));
  }

  NodeId masked_copy(const Node& node) {
    const NodeId plain = plain_.back();
    if (node.op == Op::kState) return graph_.states[at(node.index)].counts_ticks ? plain : masked_read(node, plain);
    if (node.op == Op::kNext) return plain;  // not a read of the previous value
    return add(node, masked_);
  }

  NodeId masked_read(const Node& state, NodeId read) {
    builder_.set_place(state.place);
    const NodeId mask = builder_.leaf(Op::kMask, state.index, state.shape, fmt::format("mask of {}", state.name));
    return builder_.map(kernels::Function::kMultiply, {read, mask});
  }

  NodeId add(Node node, const std::vector<NodeId>& copies) {
    for (NodeId& operand : node.operands) operand = copies[static_cast<std::size_t>(operand)];
    return builder_.add(std::move(node));
  }

  static Graph without_unused_masks(Graph graph) {
    std::vector<MaskDeclaration> used;
    for (Node& node : graph.nodes) {
      if (node.op != Op::kMask) continue;
      used.push_back(graph.masks[static_cast<std::size_t>(node.index)]);  // each mask is one node
      node.index = static_cast<Index>(used.size()) - 1;
    }
    graph.masks = std::move(used);
    return graph;
  }

  const Graph& graph_;
  GraphBuilder builder_;
  std::vector<NodeId> plain_;
  std::vector<NodeId> masked_;
};

}  // namespace

Graph drop_recurrent(const Graph& graph, const Rewrite& rewrite, Mode mode) {
  check_rate("recurrent dropout", rewrite.rate);
  Graph result = RecurrentDropout(graph, rewrite).run();
  if (result.masks.empty()) {
    throw InputError(fmt::format(
        "recurrent dropout does not fit the cell '{}': it masks the reads of a previous state that reach a matrix "
        "product in the same step, and this cell has no such read\n  hint: drop the layer's inputs or outputs instead",
        graph.cell));
  }
  return mode == Mode::kEvaluation || rewrite.rate == 0 ? graph : result;
}

}  // namespace unfold::recurrence
