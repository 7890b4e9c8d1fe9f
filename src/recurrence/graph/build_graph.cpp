#include "recurrence/graph/build_graph.h"

#include <fmt/format.h>

#include <cmath>
#include <limits>

#include "recurrence/graph/composites.h"
#include "recurrence/graph/graph_builder.h"
#include "recurrence/graph/initials.h"
#include "recurrence/parse/diagnostics.h"
#include "recurrence/shapes/sizes.h"

namespace unfold::recurrence {
namespace {

using Kind = Expression::Kind;
using Function = kernels::Function;

class StepBuilder {
 public:
  StepBuilder(const Definition& definition, const KnownSizes& known)
      : definition_(definition), syntax_(definition.syntax), sizes_(infer_sizes(definition, known)) {}

  Graph run() {
    Graph& graph = builder_.graph();
    graph.cell = syntax_.cell;
    declare_leaves(graph);
    for (std::size_t i = 0; i < syntax_.assignments.size(); ++i) assign(graph, i);
    graph.output = build(syntax_.output);
    choose_initials(definition_, graph);
    return without_dead_nodes(graph);
  }

 private:
  void declare_leaves(Graph& graph) {
    leaves_.resize(syntax_.declarations.size());
    for (std::size_t i = 0; i < syntax_.declarations.size(); ++i) {
      const Declaration& declaration = syntax_.declarations[i];
      const Shape& shape = sizes_.declarations[i];
      switch (declaration.kind) {
        case Declaration::Kind::kInput:
          leaves_[i] = static_cast<Index>(graph.inputs.size());
          graph.inputs.push_back({declaration.name, shape});
          break;
        case Declaration::Kind::kGiven:
          leaves_[i] = static_cast<Index>(graph.givens.size());
          graph.givens.push_back({declaration.name, shape});
          break;
        case Declaration::Kind::kState:
          leaves_[i] = static_cast<Index>(graph.states.size());
          graph.states.push_back({declaration.name, shape, start_of(declaration), -1});
          break;
      }
    }
    graph.next.resize(graph.states.size(), kNoNode);
    for (std::size_t i = 0; i < syntax_.parameters.size(); ++i) declare_parameter(graph, i);
  }

  void declare_parameter(Graph& graph, std::size_t i) {
    const ParameterSyntax& parameter = syntax_.parameters[i];
    graph.parameters.push_back({parameter.name, sizes_.parameters[i], parameter.trainable, {}});
    if (parameter.start_of < 0) return;
    const Index state = leaves_[static_cast<std::size_t>(parameter.start_of)];
    graph.states[static_cast<std::size_t>(state)].start_parameter = static_cast<Index>(i);
  }

  double start_of(const Declaration& declaration) {
    return declaration.start == kNoExpression ? 0 : builder_.number_of(build(declaration.start));
  }

  void assign(Graph& graph, std::size_t i) {
    const Assignment& assignment = syntax_.assignments[i];
    NodeId value = build(assignment.value);
    builder_.set_place(assignment.place);
    value = builder_.spread(value, sizes_.assignments[i]);
    name(graph[value], assignment);
    if (assignment.is_next) {
      const Index state = leaves_[static_cast<std::size_t>(assignment.state)];
      value = builder_.next_value(state, value);
      name(graph[value], assignment);
      graph.next[static_cast<std::size_t>(state)] = value;
    }
    values_.push_back(value);
  }

  static void name(Node& node, const Assignment& assignment) {
    if (!node.name.empty() || node.op == Op::kNumber) return;
    node.name = assignment.name + (assignment.is_next ? "'" : "");
  }

  NodeId build(ExpressionId id) {
    const Expression& expression = syntax_[id];
    std::vector<NodeId> operands;
    const std::size_t count = expression.kind == Kind::kSlice ? 1 : expression.operands.size();
    for (std::size_t i = 0; i < count; ++i) operands.push_back(build(expression.operands[i]));
    builder_.set_place(expression.place);
    const NodeId result = combine(id, expression, operands);
    const bool is_number = builder_.is_number(result);
    if (is_number && !(std::abs(builder_.number_of(result)) <= std::numeric_limits<float>::max())) {
      fail(definition_.source, expression.place,
           {.what = "this is not a finite number",
            .expected = "a number that fits a 32-bit float",
            .found = fmt::format("{}", builder_.number_of(result))});
    }
    return result;
  }

  NodeId combine(ExpressionId id, const Expression& expression, const std::vector<NodeId>& operands) {
    switch (expression.kind) {
      case Kind::kNumber: return builder_.number(expression.number);
      case Kind::kName:
      case Kind::kNext: return build_name(expression);
      case Kind::kNegate: return builder_.map(Function::kNegate, operands);
      case Kind::kAdd: return builder_.map(Function::kAdd, operands);
      case Kind::kSubtract: return builder_.map(Function::kSubtract, operands);
      case Kind::kMultiply: return builder_.map(Function::kMultiply, operands);
      case Kind::kDivide: return builder_.map(Function::kDivide, operands);
      case Kind::kPower: return build_power(builder_, operands[0], operands[1]);
      case Kind::kProduct: return builder_.product(operands[0], operands[1]);
      case Kind::kCall: return build_call(expression, operands);
      case Kind::kConcatenation: return builder_.concatenate(operands);
      case Kind::kSlice: {
        const auto number = static_cast<std::size_t>(id);
        return builder_.slice(operands[0], sizes_.begins[number], sizes_.ends[number]);
      }
    }
    return kNoNode;
  }

  NodeId build_name(const Expression& expression) {
    const auto index = static_cast<std::size_t>(expression.reference.index);
    switch (expression.reference.kind) {
      case Reference::Kind::kInput: return build_leaf(Op::kInput, index);
      case Reference::Kind::kState: return build_leaf(Op::kState, index);
      case Reference::Kind::kGiven: return build_leaf(Op::kGiven, index);
      case Reference::Kind::kParameter:
        return builder_.leaf(Op::kParameter, expression.reference.index, sizes_.parameters[index], expression.name);
      case Reference::Kind::kAssignment: return values_[index];
      case Reference::Kind::kOption: return builder_.number(syntax_.options[index].number);
      case Reference::Kind::kNothing: break;
    }
    return kNoNode;
  }

  NodeId build_leaf(Op op, std::size_t declaration) {
    return builder_.leaf(op, leaves_[declaration], sizes_.declarations[declaration],
                         syntax_.declarations[declaration].name);
  }

  NodeId build_call(const Expression& expression, const std::vector<NodeId>& operands) {
    if (expression.function == Builtin::kClipGradient) {
      const NodeId bound = operands[1];
      if (!builder_.is_number(bound) || !(builder_.number_of(bound) > 0)) {
        fail(definition_.source, syntax_[expression.operands[1]].place,
             {.what = "the bound of clip_gradient is not a number above zero", .expected = "clip_gradient(a, 1)"});
      }
    }
    return build_function(builder_, expression.function, operands);
  }

  const Definition& definition_;
  const Syntax& syntax_;
  const SizeTable sizes_;
  GraphBuilder builder_;
  std::vector<Index> leaves_;   // per declaration: its index among the graph's inputs, states or givens
  std::vector<NodeId> values_;  // per assignment
};

}  // namespace

Graph build_graph(const Definition& definition, const KnownSizes& sizes) {
  return StepBuilder(definition, sizes).run();
}

}  // namespace unfold::recurrence
