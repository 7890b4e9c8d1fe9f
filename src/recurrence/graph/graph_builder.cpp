#include "recurrence/graph/graph_builder.h"

#include <algorithm>
#include <functional>
#include <utility>

namespace unfold::recurrence {
namespace {

std::size_t mix(std::size_t seed, std::size_t value) {
  return seed ^ (value + 0x9E3779B97F4A7C15ULL + (seed << 6) + (seed >> 2));
}

std::size_t hash(const Node& node) {
  std::size_t result = static_cast<std::size_t>(node.op);
  result = mix(result, static_cast<std::size_t>(node.function));
  for (const NodeId operand : node.operands) result = mix(result, static_cast<std::size_t>(operand));
  for (const Index extent : node.shape.extents()) result = mix(result, static_cast<std::size_t>(extent));
  result = mix(result, static_cast<std::size_t>(node.index));
  result = mix(result, static_cast<std::size_t>(node.begin));
  return mix(result, std::hash<double>()(node.number));
}

bool are_equal(const Node& a, const Node& b) {
  return a.op == b.op && a.function == b.function && a.operands == b.operands && a.shape == b.shape &&
         a.index == b.index && a.begin == b.begin && a.number == b.number;
}

}  // namespace

NodeId GraphBuilder::add(Node node) {
  const std::size_t key = hash(node);
  const auto [first, last] = known_.equal_range(key);
  for (auto known = first; known != last; ++known) {
    if (are_equal(graph_[known->second], node)) return known->second;
  }
  const NodeId id = graph_.add(std::move(node));
  known_.emplace(key, id);
  return id;
}

Node GraphBuilder::node(Op op, std::vector<NodeId> operands, Shape shape) const {
  Node result;
  result.op = op;
  result.operands = std::move(operands);
  result.shape = std::move(shape);
  result.place = place_;
  return result;
}

NodeId GraphBuilder::leaf(Op op, Index index, Shape shape, std::string name) {
  Node result = node(op, {}, std::move(shape));
  result.index = index;
  result.name = std::move(name);
  return add(std::move(result));
}

NodeId GraphBuilder::number(double value) {
  Node result = node(Op::kNumber, {}, Shape{1});
  result.number = value;
  return add(std::move(result));
}

NodeId GraphBuilder::map(Function function, std::vector<NodeId> operands) {
  if (std::ranges::all_of(operands, [this](NodeId id) { return is_number(id); })) {
    double values[3] = {0, 0, 0};
    for (std::size_t i = 0; i < operands.size(); ++i) values[i] = number_of(operands[i]);
    return number(kernels::apply<double>(function, values[0], values[1], values[2]));
  }
  Index result_size = 1;
  for (const NodeId operand : operands) result_size = std::max(result_size, size(operand));
  Node result = node(Op::kMap, std::move(operands), Shape{result_size});
  result.function = function;
  return add(std::move(result));
}

NodeId GraphBuilder::product(NodeId matrix, NodeId vector) {
  return add(node(Op::kProduct, {matrix, vector}, Shape{graph_[matrix].shape[0]}));
}

NodeId GraphBuilder::reduce(Op op, NodeId vector) { return add(node(op, {vector}, Shape{1})); }

NodeId GraphBuilder::spread(NodeId value, Index size) {
  if (this->size(value) == size) return value;
  return add(node(Op::kSpread, {value}, Shape{size}));
}

NodeId GraphBuilder::concatenate(std::vector<NodeId> parts) {
  if (parts.size() == 1) return parts[0];
  Index total = 0;
  for (const NodeId part : parts) total += size(part);
  return add(node(Op::kConcat, std::move(parts), Shape{total}));
}

NodeId GraphBuilder::slice(NodeId vector, Index begin, Index end) {
  if (begin == 0 && end == size(vector)) return vector;
  Node result = node(Op::kSlice, {vector}, Shape{end - begin});
  result.begin = begin;
  return add(std::move(result));
}

NodeId GraphBuilder::next_value(Index state, NodeId value) {
  Node result = node(Op::kNext, {value}, graph_[value].shape);
  result.index = state;
  return add(std::move(result));
}

NodeId GraphBuilder::stop_gradient(NodeId value) { return add(node(Op::kStopGradient, {value}, graph_[value].shape)); }

NodeId GraphBuilder::clip_gradient(NodeId value, double bound) {
  Node result = node(Op::kClipGradient, {value}, graph_[value].shape);
  result.number = bound;
  return add(std::move(result));
}

/// The state that counts steps; declared when first asked for.
NodeId GraphBuilder::tick_counter() {
  const auto state = std::ranges::find_if(graph_.states, &StateDeclaration::counts_ticks);
  const Index index = state - graph_.states.begin();
  const std::string name = "batch_norm.tick";
  if (state == graph_.states.end()) {
    graph_.states.push_back({.name = name, .shape = Shape{1}, .counts_ticks = true});
    const NodeId next = map(Function::kAdd, {leaf(Op::kState, index, Shape{1}, name), number(1)});
    graph_.next.push_back(next_value(index, next));
  }
  return leaf(Op::kState, index, Shape{1}, name);
}

NodeId GraphBuilder::tick_mean(NodeId vector, const std::string& name, double start) {
  const auto known = std::ranges::find_if(
      graph_.nodes, [&](const Node& other) { return other.op == Op::kTickMean && other.operands[0] == vector; });
  if (known != graph_.nodes.end()) return static_cast<NodeId>(known - graph_.nodes.begin());
  Node result = node(Op::kTickMean, {vector, tick_counter()}, graph_[vector].shape);
  result.index = static_cast<Index>(graph_.parameters.size());
  result.name = name;
  graph_.parameters.push_back({.name = name,
                               .shape = Shape{0, size(vector)},
                               .trainable = false,
                               .initial = {Initial::Kind::kConstant, start},
                               .per_tick = true});
  return add(std::move(result));
}

bool couples_rows(const Graph& graph) {
  return std::ranges::any_of(graph.nodes, [](const Node& node) { return node.op == Op::kTickMean; });
}

Graph declarations_of(const Graph& graph) {
  Graph result = graph;
  result.nodes.clear();
  return result;
}

Graph without_dead_nodes(const Graph& graph) {
  std::vector<bool> is_needed(graph.nodes.size());
  const auto need = [&](NodeId id) { is_needed[static_cast<std::size_t>(id)] = true; };
  need(graph.output);
  for (const NodeId next : graph.next) need(next);
  for (std::size_t i = graph.nodes.size(); i-- > 0;) {
    if (!is_needed[i]) continue;
    for (const NodeId operand : graph.nodes[i].operands) need(operand);
  }
  Graph result = declarations_of(graph);
  std::vector<NodeId> renumbered(graph.nodes.size(), kNoNode);
  const auto renumber = [&](NodeId& id) { id = renumbered[static_cast<std::size_t>(id)]; };
  for (std::size_t i = 0; i < graph.nodes.size(); ++i) {
    if (!is_needed[i]) continue;
    Node node = graph.nodes[i];
    for (NodeId& operand : node.operands) renumber(operand);
    renumbered[i] = result.add(std::move(node));
  }
  renumber(result.output);
  for (NodeId& next : result.next) renumber(next);
  return result;
}

}  // namespace unfold::recurrence
