// Adds nodes to a graph: equal nodes once, arithmetic on numbers done at once, shapes from operands.
#pragma once

#include <string>
#include <unordered_map>
#include <vector>

#include "recurrence/graph/graph.h"

namespace unfold::recurrence {

class GraphBuilder {
 public:
  using Function = kernels::Function;

  /// Nodes added from now on carry this place.
  void set_place(Place place) { place_ = place; }

  /// Adds `node` unless an equal one exists (name and place aside). Its shape is given.
  NodeId add(Node node);

  NodeId leaf(Op op, Index index, Shape shape, std::string name);
  NodeId number(double value);
  /// Elementwise; the size is that of the operands that are not scalars. Folds numbers, possibly to a value that is
  /// not finite.
  NodeId map(Function function, std::vector<NodeId> operands);
  NodeId product(NodeId matrix, NodeId vector);
  NodeId sum(NodeId vector) { return reduce(Op::kSum, vector); }
  NodeId row_max(NodeId vector) { return reduce(Op::kRowMax, vector); }
  /// A scalar to `size` elements; a vector of that size stays as it is.
  NodeId spread(NodeId value, Index size);
  NodeId concatenate(std::vector<NodeId> parts);
  NodeId slice(NodeId vector, Index begin, Index end);
  NodeId next_value(Index state, NodeId value);
  NodeId stop_gradient(NodeId value);
  NodeId clip_gradient(NodeId value, double bound);
  /// The mean of `vector` over the rows of the tick, stored as `name` for ticks and modes that have none; `start` where
  /// nothing is stored yet. The mean of a value is taken once, whatever the name.
  NodeId tick_mean(NodeId vector, const std::string& name, double start);

  Index size(NodeId id) const { return graph_[id].size(); }
  bool is_number(NodeId id) const { return graph_[id].op == Op::kNumber; }
  double number_of(NodeId id) const { return graph_[id].number; }

  Graph& graph() { return graph_; }

 private:
  NodeId reduce(Op op, NodeId vector);
  NodeId tick_counter();
  Node node(Op op, std::vector<NodeId> operands, Shape shape) const;

  Graph graph_;
  Place place_;
  std::unordered_multimap<std::size_t, NodeId> known_;  // by hash
};

/// The declarations of `graph` without its nodes: what a rewritten graph starts from.
Graph declarations_of(const Graph& graph);

/// The graph without nodes that neither its output nor a next value needs, the others in the same order.
Graph without_dead_nodes(const Graph& graph);

}  // namespace unfold::recurrence
