#include "recurrence/plan/flow.h"

#include <algorithm>
#include <functional>
#include <queue>

namespace unfold::recurrence {
namespace {

/// Calls `visit` on every reference to a value that is held outside the values themselves.
void for_each_role(Flow& flow, const std::function<void(ValueId&)>& visit) {
  const auto each = [&](std::vector<ValueId>& ids) {
    for (ValueId& id : ids) {
      if (id != kNoValue) visit(id);
    }
  };
  if (flow.output != kNoValue) visit(flow.output);
  each(flow.next);
  each(flow.message);
  each(flow.input_gradients);
  each(flow.given_gradients);
  for (auto& part : flow.parameter_parts) {
    visit(part.gradient);
    if (part.operand != kNoValue) visit(part.operand);
  }
}

void for_each_read(Value& value, const std::function<void(ValueId&)>& visit) {
  for (ValueId& operand : value.operands) visit(operand);
  for (Term& term : value.terms) visit(term.operand);
}

Value value_of(const Node& node, Pass pass) {
  Value value;
  value.op = node.op;
  value.function = node.function;
  value.size = node.size();
  value.index = node.index;
  value.begin = node.begin;
  value.number = node.number;
  value.name = node.name;
  value.pass = pass;
  return value;
}

/// Appends the nodes of a graph as values; returns the value of each node.
std::vector<ValueId> append(Flow& flow, const Graph& graph, Pass pass, const std::vector<ValueId>& forward) {
  std::vector<ValueId> ids;
  for (const Node& node : graph.nodes) {
    if (node.op == Op::kForward) {
      ids.push_back(forward[at(node.index)]);
      continue;
    }
    Value value = value_of(node, pass);
    if (node.op == Op::kProduct || node.op == Op::kProductTransposed) {
      value.op = Op::kProduct;
      const Node& matrix = graph[node.operands[0]];
      value.terms.push_back(
          {matrix.index, node.begin, node.op == Op::kProductTransposed, matrix.number, ids[at(node.operands[1])]});
    } else {
      for (const NodeId operand : node.operands) value.operands.push_back(ids[at(operand)]);
    }
    if (node.op == Op::kNext || node.op == Op::kStopGradient || node.op == Op::kClipGradient) {  // the value as it is
      ids.push_back(value.operands[0]);
      continue;
    }
    if (node.op == Op::kTickMean) {
      Value sum = value;
      sum.op = Op::kTickSum;
      sum.operands.resize(1);
      flow.values.push_back(std::move(sum));
      value.operands[0] = flow.count() - 1;
    }
    flow.values.push_back(std::move(value));
    ids.push_back(flow.count() - 1);
  }
  return ids;
}

}  // namespace

bool is_leaf(const Value& value) {
  switch (value.op) {
    case Op::kInput:
    case Op::kState:
    case Op::kGiven:
    case Op::kParameter:
    case Op::kNumber:
    case Op::kMask:
    case Op::kOutputGradient:
    case Op::kNextGradient: return true;
    default: return false;
  }
}

bool is_elementwise(const Value& value) { return !is_leaf(value) && !is_product(value) && !is_statistic(value); }

std::vector<ValueId> reads(const Value& value) {
  std::vector<ValueId> result = value.operands;
  for (const Term& term : value.terms) result.push_back(term.operand);
  return result;
}

void replace_reads(Flow& flow, ValueId from, ValueId to) {
  const auto replace = [&](ValueId& id) {
    if (id == from) id = to;
  };
  for (Value& value : flow.values) for_each_read(value, replace);
  for_each_role(flow, replace);
}

std::vector<std::vector<ValueId>> readers(const Flow& flow) {
  std::vector<std::vector<ValueId>> result(flow.values.size());
  for (ValueId id = 0; id < flow.count(); ++id) {
    for (const ValueId read : reads(flow[id])) {
      auto& list = result[at(read)];
      if (list.empty() || list.back() != id) list.push_back(id);
    }
  }
  return result;
}

std::vector<char> has_role(const Flow& flow) {
  std::vector<char> result(flow.values.size(), 0);
  for_each_role(const_cast<Flow&>(flow), [&](ValueId& id) { result[at(id)] = 1; });
  return result;
}

void remove_dead(Flow& flow) {
  std::vector<char> alive = has_role(flow);
  std::vector<ValueId> pending;
  for (ValueId id = 0; id < flow.count(); ++id) {
    if (alive[at(id)]) pending.push_back(id);
  }
  while (!pending.empty()) {
    const ValueId id = pending.back();
    pending.pop_back();
    for (const ValueId read : reads(flow[id])) {
      if (!alive[at(read)]) pending.push_back(read);
      alive[at(read)] = 1;
    }
  }

  // Topological order, the old order wherever it is free to choose: passes append operands behind their readers.
  const auto users = readers(flow);
  std::vector<int> missing(flow.values.size(), 0);
  std::priority_queue<ValueId, std::vector<ValueId>, std::greater<>> ready;
  for (ValueId id = 0; id < flow.count(); ++id) {
    std::vector<ValueId> distinct = reads(flow[id]);
    std::sort(distinct.begin(), distinct.end());
    missing[at(id)] = static_cast<int>(std::unique(distinct.begin(), distinct.end()) - distinct.begin());
    if (missing[at(id)] == 0) ready.push(id);
  }
  std::vector<ValueId> order;
  while (!ready.empty()) {
    const ValueId id = ready.top();
    ready.pop();
    if (alive[at(id)]) order.push_back(id);
    for (const ValueId user : users[at(id)]) {
      if (--missing[at(user)] == 0) ready.push(user);
    }
  }

  std::vector<ValueId> renumbered(flow.values.size(), kNoValue);
  std::vector<Value> kept;
  for (const ValueId id : order) {
    renumbered[at(id)] = static_cast<ValueId>(kept.size());
    kept.push_back(std::move(flow[id]));
  }
  flow.values = std::move(kept);
  const auto renumber = [&](ValueId& id) { id = renumbered[at(id)]; };
  for (Value& value : flow.values) for_each_read(value, renumber);
  for_each_role(flow, renumber);
}

Flow make_flow(const Graph& graph, const GradientGraph* gradient) {
  Flow flow;
  flow.graph = &graph;
  const std::vector<ValueId> forward = append(flow, graph, Pass::kForward, {});
  const auto of = [](const std::vector<ValueId>& ids, NodeId node) {
    return node == kNoNode ? kNoValue : ids[at(node)];
  };
  flow.output = of(forward, graph.output);
  for (const NodeId node : graph.next) flow.next.push_back(of(forward, node));
  if (gradient != nullptr) {
    const std::vector<ValueId> backward = append(flow, gradient->graph, Pass::kBackward, forward);
    for (const NodeId node : gradient->graph.next) flow.message.push_back(of(backward, node));
    for (const NodeId node : gradient->inputs) flow.input_gradients.push_back(of(backward, node));
    for (const NodeId node : gradient->givens) flow.given_gradients.push_back(of(backward, node));
    for (const ParameterGradient& part : gradient->parameters) {
      flow.parameter_parts.push_back(
          {part.parameter, of(backward, part.gradient), of(backward, part.operand), part.begin, part.drop});
    }
  }
  remove_dead(flow);
  return flow;
}

}  // namespace unfold::recurrence
