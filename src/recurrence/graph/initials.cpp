#include "recurrence/graph/initials.h"

#include <fmt/format.h>

#include <algorithm>

#include "recurrence/parse/diagnostics.h"

namespace unfold::recurrence {
namespace {

using Kind = Initial::Kind;

// What a node's value holds without a product in between.
struct Contents {
  bool state = false;
  bool input = false;
};

std::vector<Contents> contents(const Graph& graph) {
  std::vector<Contents> result(graph.nodes.size());
  for (std::size_t i = 0; i < graph.nodes.size(); ++i) {
    const Node& node = graph.nodes[i];
    result[i].state = node.op == Op::kState && !graph.states[at(node.index)].counts_ticks;
    result[i].input = node.op == Op::kInput;
    if (node.op == Op::kProduct) continue;
    for (const NodeId operand : node.operands) {
      const Contents& held = result[static_cast<std::size_t>(operand)];
      result[i].state |= held.state;
      result[i].input |= held.input;
    }
  }
  return result;
}

void choose_defaults(Graph& graph) {
  const std::vector<bool> recurrent = reads_states_only(graph);
  for (std::size_t p = 0; p < graph.parameters.size(); ++p) {
    ParameterDeclaration& parameter = graph.parameters[p];
    if (parameter.shape.rank() == 2 && !parameter.per_tick)
      parameter.initial.kind = recurrent[p] ? Kind::kOrthogonal : Kind::kGlorot;
  }
}

double scalar(const Syntax& syntax, ExpressionId id) {
  const Expression& expression = syntax[id];
  if (expression.kind == Expression::Kind::kNegate) return -scalar(syntax, expression.operands[0]);
  if (expression.kind == Expression::Kind::kNumber) return expression.number;
  return syntax.options[static_cast<std::size_t>(expression.reference.index)].number;
}

void check(const Definition& definition, const InitialSyntax& initial, const ParameterDeclaration& parameter) {
  const bool needs_matrix =
      initial.kind != Kind::kConstant && initial.kind != Kind::kUniform && initial.kind != Kind::kNormal;
  const bool is_matrix = parameter.shape.rank() == 2;
  const bool needs_square = initial.kind == Kind::kSpectral;
  if ((needs_matrix && !is_matrix) || (needs_square && parameter.shape[0] != parameter.shape[1])) {
    fail(definition.source, initial.kind_place,
         {.what = fmt::format("the parameter '{}' cannot start like this", parameter.name),
          .expected = needs_square ? "a square matrix" : "a matrix",
          .found = parameter.shape.text()});
  }
  if (initial.argument == kNoExpression || initial.kind == Kind::kConstant) return;
  const double argument = scalar(definition.syntax, initial.argument);
  if (argument >= 0) return;
  fail(definition.source, definition.syntax[initial.argument].place,
       {.what = "the number of a start is negative", .expected = "0 or more", .found = fmt::format("{}", argument)});
}

}  // namespace

std::vector<bool> reads_states_only(const Graph& graph) {
  const auto held = contents(graph);
  std::vector<bool> result(graph.parameters.size());
  for (const Node& node : graph.nodes) {
    if (node.op != Op::kProduct) continue;
    const Contents& vector = held[static_cast<std::size_t>(node.operands[1])];
    const Index parameter = graph[node.operands[0]].index;
    if (vector.state && !vector.input) result[static_cast<std::size_t>(parameter)] = true;
  }
  return result;
}

void choose_initials(const Definition& definition, Graph& graph) {
  choose_defaults(graph);
  for (const InitialSyntax& initial : definition.syntax.initials) {
    const auto parameter = std::ranges::find(graph.parameters, initial.parameter, &ParameterDeclaration::name);
    check(definition, initial, *parameter);
    const double number = initial.argument == kNoExpression ? 0 : scalar(definition.syntax, initial.argument);
    parameter->initial = {initial.kind, number};
  }
}

}  // namespace unfold::recurrence
