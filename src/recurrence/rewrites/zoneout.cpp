// Zoneout (Krueger et al. 2016): at random a unit keeps its previous value instead of taking the next one.
#include <fmt/format.h>

#include <algorithm>

#include "recurrence/graph/graph_builder.h"
#include "recurrence/rewrites/rewrites.h"
#include "unfold/error.h"

namespace unfold::recurrence {
namespace {

using Function = kernels::Function;

bool is_zoned(const StateDeclaration& state, std::span<const std::string> forced) {
  return !state.counts_ticks && std::ranges::find(forced, state.name) == forced.end();
}

class Zoneout {
 public:
  Zoneout(const Graph& graph, double rate, Mode mode) : graph_(graph), rate_(rate), mode_(mode) {
    builder_.graph() = declarations_of(graph);
  }

  Graph run(std::span<const std::string> forced) {
    for (const Node& node : graph_.nodes) {
      Node copy = node;
      for (NodeId& operand : copy.operands) operand = copies_[at(operand)];
      if (node.op == Op::kNext && is_zoned(state(node), forced)) {
        copy.operands[0] = zoned(node, copy.operands[0]);
      }
      copies_.push_back(builder_.add(std::move(copy)));
    }
    Graph& result = builder_.graph();
    for (NodeId& next : result.next) next = copies_[at(next)];
    result.output = copies_[at(graph_.output)];
    return without_dead_nodes(result);
  }

 private:
  const StateDeclaration& state(const Node& next) const { return graph_.states[at(next.index)]; }

  /// take h~ + (1 - take) h, where h~ is what would have been the next value, and `take` 0 or 1 per unit, or its mean.
  NodeId zoned(const Node& next, NodeId value) {
    builder_.set_place(next.place);
    std::string& name = builder_.graph()[value].name;
    if (name == next.name) name = state(next).name + "~";
    const NodeId previous = builder_.leaf(Op::kState, next.index, next.shape, state(next).name);
    const NodeId take = mode_ != Mode::kEvaluation ? mask(next) : builder_.number(1 - rate_);
    const NodeId keep = builder_.map(Function::kSubtract, {builder_.number(1), take});
    const NodeId taken = builder_.map(Function::kMultiply, {take, value});
    const NodeId result = builder_.map(Function::kAdd, {taken, builder_.map(Function::kMultiply, {keep, previous})});
    builder_.graph()[result].name = next.name;
    return result;
  }

  NodeId mask(const Node& next) {
    auto& masks = builder_.graph().masks;
    masks.push_back({state(next).name + "'", next.shape, rate_, 1, true});
    return builder_.leaf(Op::kMask, static_cast<Index>(masks.size()) - 1, next.shape, "mask of " + masks.back().site);
  }

  const Graph& graph_;
  double rate_;
  Mode mode_;
  GraphBuilder builder_;
  std::vector<NodeId> copies_;
};

}  // namespace

Graph zone_out(const Graph& graph, const Rewrite& rewrite, std::span<const std::string> forced, Mode mode) {
  check_rate("zoneout", rewrite.rate);
  if (std::ranges::none_of(graph.states, [&](const auto& state) { return is_zoned(state, forced); })) {
    throw InputError(fmt::format(
        "zoneout does not fit the cell '{}': it lets states keep their previous value, and {}\n"
        "  hint: drop the layer's inputs or outputs instead",
        graph.cell, forced.empty() ? "this cell has no state" : "every state of this cell is forced by the teacher"));
  }
  return rewrite.rate == 0 ? graph : Zoneout(graph, rewrite.rate, mode).run(forced);
}

}  // namespace unfold::recurrence
