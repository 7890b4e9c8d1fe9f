#include "recurrence/graph/row_constants.h"

#include <algorithm>

#include "recurrence/graph/graph_builder.h"

namespace unfold::recurrence {
namespace {

using kernels::Function;

bool is_product(const Node& node) { return node.op == Op::kMap && node.function == Function::kMultiply; }

class Gathering {
 public:
  explicit Gathering(const Graph& graph)
      : graph_(graph), is_constant_(find_row_constants(graph)), readers_(graph.nodes.size()) {
    for (const Node& node : graph.nodes) {
      for (const NodeId operand : node.operands) ++readers_[at(operand)];
    }
    result_ = graph;
    result_.nodes.clear();
  }

  Graph run() {
    for (NodeId id = 0; id < static_cast<NodeId>(graph_.nodes.size()); ++id) moved_.push_back(move(id));
    for (NodeId& next : result_.next) next = moved_[at(next)];
    result_.output = moved_[at(result_.output)];
    return without_dead_nodes(result_);
  }

 private:
  struct Factors {
    std::vector<NodeId> constant, others;
  };

  void find_factors(NodeId id, Factors& factors) const {
    const Node& node = graph_[id];
    if (is_constant_[at(id)]) {
      factors.constant.push_back(id);
    } else if (is_product(node) && readers_[at(id)] == 1) {
      for (const NodeId operand : node.operands) find_factors(operand, factors);
    } else {
      factors.others.push_back(id);
    }
  }

  NodeId move(NodeId id) {
    Node node = graph_[id];
    if (is_product(node) && !is_constant_[at(id)]) {
      Factors factors;
      for (const NodeId operand : node.operands) find_factors(operand, factors);
      const bool gains = std::ranges::any_of(factors.constant, [this](NodeId factor) {
        return graph_[factor].op != Op::kNumber && graph_[factor].op != Op::kParameter;
      });
      if (gains && factors.constant.size() > 1) {
        node.operands = {product(factors.others), product(factors.constant)};
        return result_.add(std::move(node));
      }
    }
    for (NodeId& operand : node.operands) operand = moved_[at(operand)];
    return result_.add(std::move(node));
  }

  NodeId product(const std::vector<NodeId>& factors) {
    NodeId product = moved_[at(factors[0])];
    for (std::size_t i = 1; i < factors.size(); ++i) {
      Node node;
      node.op = Op::kMap;
      node.function = Function::kMultiply;
      node.operands = {product, moved_[at(factors[i])]};
      node.shape =
          graph_[factors[i]].size() > result_[product].size() ? graph_[factors[i]].shape : result_[product].shape;
      product = result_.add(std::move(node));
    }
    return product;
  }

  const Graph& graph_;
  std::vector<char> is_constant_;
  std::vector<int> readers_;
  Graph result_;
  std::vector<NodeId> moved_;
};

}  // namespace

std::vector<char> find_row_constants(const Graph& graph) {
  std::vector<char> result;
  for (const Node& node : graph.nodes) {
    result.push_back(is_row_constant(node, [&](NodeId read) { return result[at(read)] != 0; }));
  }
  return result;
}

Graph gather_row_constants(const Graph& graph) { return couples_rows(graph) ? Gathering(graph).run() : graph; }

}  // namespace unfold::recurrence
