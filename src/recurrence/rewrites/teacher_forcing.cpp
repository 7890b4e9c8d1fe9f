// Teacher forcing (Williams & Zipser 1989): during training the step reads what the state should have been.
#include <fmt/format.h>

#include <algorithm>

#include "base/text_distance.h"
#include "recurrence/graph/graph_builder.h"
#include "recurrence/rewrites/rewrites.h"
#include "unfold/error.h"

namespace unfold::recurrence {
namespace {

Index find_state(const Graph& graph, const std::string& name) {
  std::vector<std::string> names;
  for (const StateDeclaration& known : graph.states) {
    if (!known.counts_ticks) names.push_back(known.name);  // counters stand behind the cell's own states
  }
  const auto state = std::ranges::find(names, name);
  if (state != names.end()) return state - names.begin();
  throw InputError(fmt::format("teacher forcing: the cell '{}' has no state '{}'{}; its states: {}", graph.cell, name,
                               did_you_mean(name, names), fmt::join(names, ", ")));
}

}  // namespace

Graph force_teacher(const Graph& graph, const Rewrite& rewrite) {
  const Index state = find_state(graph, rewrite.state);
  const auto is_forced = [&](const InputDeclaration& input) { return input.forces_state == state; };
  if (std::ranges::any_of(graph.inputs, is_forced)) {
    throw InputError(fmt::format("teacher forcing of the state '{}' is asked for twice", rewrite.state));
  }
  GraphBuilder builder;
  builder.graph() = declarations_of(graph);
  const Index input = static_cast<Index>(graph.inputs.size());
  const Shape shape = graph.states[static_cast<std::size_t>(state)].shape;
  builder.graph().inputs.push_back({rewrite.state, shape, state});

  std::vector<NodeId> copies;
  for (Node node : graph.nodes) {
    for (NodeId& operand : node.operands) operand = copies[static_cast<std::size_t>(operand)];
    if (node.op == Op::kState && node.index == state) {
      node.op = Op::kInput;
      node.index = input;
    }
    copies.push_back(builder.add(std::move(node)));
  }
  Graph& result = builder.graph();
  for (NodeId& next : result.next) next = copies[static_cast<std::size_t>(next)];
  result.output = copies[static_cast<std::size_t>(graph.output)];
  return std::move(result);
}

}  // namespace unfold::recurrence
