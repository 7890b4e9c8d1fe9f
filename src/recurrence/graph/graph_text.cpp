#include "recurrence/graph/graph_text.h"

#include <fmt/format.h>

namespace unfold::recurrence {
namespace {

std::string operation(const Graph& graph, const Node& node) {
  const auto name_at = [](const auto& list, Index index) -> const std::string& {
    return list[static_cast<std::size_t>(index)].name;
  };
  switch (node.op) {
    case Op::kInput: return fmt::format("input {}", name_at(graph.inputs, node.index));
    case Op::kState: return fmt::format("state {}", name_at(graph.states, node.index));
    case Op::kGiven: return fmt::format("given {}", name_at(graph.givens, node.index));
    case Op::kParameter:
      return fmt::format("{}parameter {}", node.number > 0 ? fmt::format("drop {} of ", node.number) : "",
                         name_at(graph.parameters, node.index));
    case Op::kNumber: return fmt::format("number {}", node.number);
    case Op::kMask:
      return fmt::format("mask {} of {}", node.index, graph.masks[static_cast<std::size_t>(node.index)].site);
    case Op::kForward: return fmt::format("forward %{}", node.index);
    case Op::kOutputGradient: return "output_gradient";
    case Op::kNextGradient: return fmt::format("next_gradient {}", name_at(graph.states, node.index));
    case Op::kProduct: return "product";
    case Op::kProductTransposed: return "product_transposed";
    case Op::kMap: return kernels::name(node.function);
    case Op::kSum: return "sum";
    case Op::kRowMax: return "row_max";
    case Op::kTickMean:
      return node.index < 0 ? "tick_mean"
                            : fmt::format("tick_mean, stored as {}", name_at(graph.parameters, node.index));
    case Op::kTickRow: return fmt::format("tick_row of {}", name_at(graph.parameters, node.index));
    case Op::kTickSum: return "tick_sum";
    case Op::kSpread: return "spread";
    case Op::kConcat: return "concat";
    case Op::kSlice: return "slice";
    case Op::kPad: return "pad";
    case Op::kNext: return fmt::format("next {}", name_at(graph.states, node.index));
    case Op::kStopGradient: return "stop_gradient";
    case Op::kClipGradient: return fmt::format("clip_gradient {}", node.number);
  }
  return {};
}

bool has_begin(const Node& node) {
  const bool is_product = node.op == Op::kProduct || node.op == Op::kProductTransposed;
  return (is_product && node.begin > 0) || node.op == Op::kSlice || node.op == Op::kPad;
}

const char* initial_name(Initial::Kind kind) {
  switch (kind) {
    case Initial::Kind::kConstant: return "";
    case Initial::Kind::kIdentity: return "identity";
    case Initial::Kind::kOrthogonal: return "orthogonal";
    case Initial::Kind::kGlorot: return "glorot";
    case Initial::Kind::kUniform: return "uniform";
    case Initial::Kind::kNormal: return "normal";
    case Initial::Kind::kSparse: return "sparse";
    case Initial::Kind::kSpectral: return "spectral";
  }
  return "";
}

std::string initial_text(const Initial& initial) {
  switch (initial.kind) {
    case Initial::Kind::kConstant: return fmt::format("{}", initial.number);
    case Initial::Kind::kUniform:
    case Initial::Kind::kNormal:
    case Initial::Kind::kSpectral: return fmt::format("{}({})", initial_name(initial.kind), initial.number);
    default: return initial_name(initial.kind);
  }
}

std::string start_text(const Graph& graph, const StateDeclaration& state) {
  if (state.start_parameter < 0) return fmt::format("{}", state.start);
  return graph.parameters[static_cast<std::size_t>(state.start_parameter)].name;
}

}  // namespace

std::string node_text(const Graph& graph, NodeId id) {
  const Node& node = graph[id];
  std::string result = fmt::format("%{} = {}", id, operation(graph, node));
  if (!node.operands.empty()) result += fmt::format("(%{})", fmt::join(node.operands, ", %"));
  if (has_begin(node)) result += fmt::format(" from {}", node.begin);
  result += fmt::format(" {}", node.shape.text());
  if (!node.name.empty() && !node.operands.empty()) result += fmt::format("  # {}", node.name);
  if (node.place.line > 0) result += fmt::format(" at {}:{}", node.place.line, node.place.column);
  return result;
}

std::string parameter_text(const ParameterDeclaration& parameter) {
  return fmt::format("{} {} {}{}", parameter.name, parameter.shape.text(), initial_text(parameter.initial),
                     parameter.trainable ? "" : " fixed");
}

std::string graph_text(const Graph& graph) {
  std::string result = fmt::format("cell {}\n", graph.cell);
  for (const auto& input : graph.inputs) {
    const bool is_forced = input.forces_state >= 0;
    result += fmt::format("input {} {}{}\n", input.name, input.shape.text(), is_forced ? " forced" : "");
  }
  for (const auto& state : graph.states) {
    result += fmt::format("state {} {} starts at {}\n", state.name, state.shape.text(), start_text(graph, state));
  }
  for (const auto& given : graph.givens) result += fmt::format("given {} {}\n", given.name, given.shape.text());
  for (const auto& parameter : graph.parameters) result += fmt::format("parameter {}\n", parameter_text(parameter));
  for (const auto& mask : graph.masks) {
    result += fmt::format("mask of {} {} rate {} every {}\n", mask.site, mask.shape.text(), mask.rate,
                          mask.every_tick ? "tick" : "sequence");
  }
  for (std::size_t i = 0; i < graph.nodes.size(); ++i)
    result += fmt::format("{}\n", node_text(graph, static_cast<NodeId>(i)));
  for (std::size_t i = 0; i < graph.next.size(); ++i) {
    result += fmt::format("{}' = %{}\n", graph.states[i].name, graph.next[i]);
  }
  if (graph.output != kNoNode) result += fmt::format("output %{}\n", graph.output);
  return result;
}

}  // namespace unfold::recurrence
