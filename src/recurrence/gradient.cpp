#include "recurrence/gradient.h"

#include <map>
#include <tuple>
#include <utility>

#include "recurrence/summands.h"

namespace unfold::recurrence {
namespace {

using kernels::Function;

class Differentiation {
 public:
  explicit Differentiation(const Graph& forward)
      : forward_(forward),
        wanted_(forward.nodes.size()),
        adjoints_(forward.nodes.size(), kNoNode),
        element_summands_(Op::kSum, forward, result_.graph),
        row_summands_(Op::kTickMean, forward, result_.graph) {
    result_.graph.cell = forward.cell;
    result_.graph.inputs = forward.inputs;
    result_.graph.states = forward.states;
    result_.graph.givens = forward.givens;
    result_.graph.parameters = forward.parameters;
    result_.graph.masks = forward.masks;
    result_.graph.next.assign(forward.states.size(), kNoNode);
    result_.inputs.assign(forward.inputs.size(), kNoNode);
    result_.givens.assign(forward.givens.size(), kNoNode);
    for (std::size_t id = 0; id < forward.nodes.size(); ++id) wanted_[id] = wants_gradient(forward.nodes[id]);
  }

  GradientGraph run() {
    seed();
    for (auto id = static_cast<NodeId>(forward_.nodes.size()) - 1; id >= 0; --id) {
      const NodeId d = adjoints_[static_cast<std::size_t>(id)];
      if (d == kNoNode) continue;
      Node& node = result_.graph[d];
      if (node.name.empty() && !forward_[id].name.empty()) node.name = "d" + forward_[id].name;
      propagate(id, d);
    }
    return std::move(result_);
  }

 private:
  /// Whether anything the caller may ask the gradient of flows into the node.
  bool wants_gradient(const Node& node) const {
    switch (node.op) {
      case Op::kInput: return forward_.inputs[static_cast<std::size_t>(node.index)].forces_state < 0;
      case Op::kState: return !forward_.states[at(node.index)].counts_ticks;
      case Op::kGiven: return true;
      case Op::kParameter: return forward_.parameters[static_cast<std::size_t>(node.index)].trainable;
      case Op::kStopGradient: return false;
      default: break;
    }
    for (const NodeId operand : node.operands) {
      if (wanted_[static_cast<std::size_t>(operand)]) return true;
    }
    return false;
  }

  void seed() {
    for (std::size_t state = 0; state < forward_.next.size(); ++state) {
      Node node;
      node.op = Op::kNextGradient;
      node.index = static_cast<Index>(state);
      node.shape = forward_.states[state].shape;
      contribute(forward_.next[state], result_.graph.add(node));
    }
    if (forward_.output == kNoNode) return;
    Node node;
    node.op = Op::kOutputGradient;
    node.shape = forward_[forward_.output].shape;
    contribute(forward_.output, result_.graph.add(node));
  }

  // --- building blocks of the gradient graph ---

  NodeId leaf(Op op, Index index, const Shape& shape, double number = 0) {
    const auto [found, added] = leaves_.try_emplace({op, index, number}, kNoNode);
    if (added) {
      Node node;
      node.op = op;
      node.index = index;
      node.shape = shape;
      node.number = number;
      found->second = result_.graph.add(node);
    }
    return found->second;
  }

  NodeId number(double value) {
    const auto [found, added] = numbers_.try_emplace(value, kNoNode);
    if (added) {
      Node node;
      node.op = Op::kNumber;
      node.shape = Shape{1};
      node.number = value;
      found->second = result_.graph.add(node);
    }
    return found->second;
  }

  /// The value that node `id` had in the forward step.
  NodeId value(NodeId id) {
    const Node& node = forward_[id];
    if (node.op == Op::kNumber) return number(node.number);
    if (node.op == Op::kParameter) return leaf(Op::kParameter, node.index, node.shape, node.number);
    return leaf(Op::kForward, id, node.shape);
  }

  /// The x of a node -x, or kNoNode.
  NodeId negated(NodeId id) const {
    const Node& node = result_.graph[id];
    return node.op == Op::kMap && node.function == Function::kNegate ? node.operands[0] : kNoNode;
  }

  NodeId sum_of(NodeId a, NodeId b) {
    if (const NodeId x = negated(b); x != kNoNode) return map(Function::kSubtract, {a, x});
    if (const NodeId x = negated(a); x != kNoNode) return map(Function::kSubtract, {b, x});
    return map(Function::kAdd, {a, b});
  }

  /// The number c of a node x c, or 1.
  struct Scaled {
    NodeId x;
    double c;
  };
  Scaled scaled(NodeId id) const {
    const Node& node = result_.graph[id];
    if (node.op != Op::kMap || node.function != Function::kMultiply) return {id, 1};
    const Node& last = result_.graph[node.operands[1]];
    return last.op == Op::kNumber ? Scaled{node.operands[0], last.number} : Scaled{id, 1};
  }

  /// c x: of several numbers their product.
  NodeId times(NodeId x, double c) {
    const Scaled inner = scaled(x);
    if (const NodeId positive = negated(inner.x); positive != kNoNode) return times(positive, -c * inner.c);
    if (inner.c * c == 1) return inner.x;
    return inner.c * c == -1 ? add_map(Function::kNegate, {inner.x})
                             : add_map(Function::kMultiply, {inner.x, number(inner.c * c)});
  }

  /// 2 d; of a scalar that is spread, before it is.
  NodeId twice(NodeId d) {
    if (result_.graph[d].op != Op::kSpread) return times(d, 2);
    const Shape shape = result_.graph[d].shape;
    return structure(Op::kSpread, twice(result_.graph[d].operands[0]), shape);
  }

  /// A map. Numbers that a product or a quotient is multiplied with stand outside it, where they become one.
  NodeId map(Function function, const std::vector<NodeId>& operands) {
    if (function == Function::kNegate) return times(operands[0], -1);
    const bool is_quotient = function == Function::kDivide;
    if (!is_quotient && function != Function::kMultiply) return add_map(function, operands);
    const NodeId a = operands[0], b = operands[1];
    if (!is_quotient && result_.graph[b].op == Op::kNumber) return times(a, result_.graph[b].number);
    const bool moves = result_.graph[a].size() >= result_.graph[b].size();
    const NodeId positive = negated(a);
    const Scaled inner = positive != kNoNode ? Scaled{positive, -1} : scaled(a);
    return moves && inner.x != a ? times(add_map(function, {inner.x, b}), inner.c) : add_map(function, operands);
  }

  NodeId add_map(Function function, std::vector<NodeId> operands) {
    Node node;
    node.op = Op::kMap;
    node.function = function;
    node.shape = Shape{1};
    for (const NodeId operand : operands) {
      if (result_.graph[operand].size() > node.size()) node.shape = result_.graph[operand].shape;
    }
    node.operands = std::move(operands);
    return result_.graph.add(std::move(node));
  }

  NodeId structure(Op op, NodeId operand, const Shape& shape, Index begin = 0, Index index = 0) {
    Node node;
    node.op = op;
    node.operands = {operand};
    node.shape = shape;
    node.begin = begin;
    node.index = index;
    return result_.graph.add(std::move(node));
  }

  // --- sums ---

  /// kSum: the sum of x over its elements, [1]; kTickMean: its mean over the rows of the tick. A factor that all
  /// summands have is no part of the sum but multiplies it, and what adds up to zero is left out.
  NodeId sum(Op op, NodeId x) {
    const NodeId less = less_summed(op, x);
    if (less != kNoNode) return less;
    const auto [found, is_new] = sums_.try_emplace({op, x}, kNoNode);
    const Shape shape = op == Op::kSum ? Shape{1} : result_.graph[x].shape;
    if (is_new) found->second = structure(op, x, shape, 0, kNotStored);
    return found->second;
  }

  /// The sum of x by sums of less, or kNoNode where there is no such thing.
  NodeId less_summed(Op op, NodeId x) {
    const Node node = result_.graph[x];
    if (node.op != Op::kMap) return kNoNode;
    Summands& summands = op == Op::kSum ? element_summands_ : row_summands_;
    const NodeId a = node.operands[0], b = node.operands.back();
    // A scalar is added up as often as it is broadcast.
    const auto is_whole = [&](NodeId id) { return result_.graph[id].size() == node.size(); };
    const auto factor = [&](NodeId id) {
      return result_.graph[id].op == Op::kSpread ? result_.graph[id].operands[0] : id;
    };
    switch (node.function) {
      case Function::kNegate: return map(Function::kNegate, {sum(op, a)});
      case Function::kMultiply:
        if (is_whole(a) && summands.is_constant(b)) return map(Function::kMultiply, {sum(op, a), factor(b)});
        return is_whole(b) && summands.is_constant(a) ? map(Function::kMultiply, {sum(op, b), factor(a)}) : kNoNode;
      case Function::kDivide:
        return is_whole(a) && summands.is_constant(b) ? map(Function::kDivide, {sum(op, a), factor(b)}) : kNoNode;
      case Function::kAdd:
      case Function::kSubtract:
        if (!is_whole(a) || !is_whole(b)) return kNoNode;
        if (summands.vanishes(b)) return sum(op, a);
        if (!summands.vanishes(a)) return kNoNode;
        return node.function == Function::kAdd ? sum(op, b) : map(Function::kNegate, {sum(op, b)});
      default: return kNoNode;
    }
  }

  // --- reverse mode ---

  /// Adds d to the adjoint of forward node `id`. Where the node was broadcast, d is summed back to a scalar.
  void contribute(NodeId id, NodeId d) {
    if (!wanted_[static_cast<std::size_t>(id)]) return;
    const Shape& shape = forward_[id].shape;
    if (result_.graph[d].size() != shape.count()) {
      d = shape.count() == 1 ? sum(Op::kSum, d) : structure(Op::kSpread, d, shape);
    }
    NodeId& adjoint = adjoints_[static_cast<std::size_t>(id)];
    adjoint = adjoint == kNoNode ? d : sum_of(adjoint, d);
  }

  void propagate(NodeId id, NodeId d) {
    const Node& node = forward_[id];
    const auto operand = [&](std::size_t i) { return node.operands[i]; };
    const auto shape_of = [&](std::size_t i) -> const Shape& { return forward_[node.operands[i]].shape; };
    switch (node.op) {
      case Op::kInput: result_.inputs[static_cast<std::size_t>(node.index)] = d; break;
      case Op::kState: result_.graph.next[static_cast<std::size_t>(node.index)] = d; break;
      case Op::kGiven: result_.givens[static_cast<std::size_t>(node.index)] = d; break;
      case Op::kParameter: result_.parameters.push_back({node.index, d}); break;
      case Op::kProduct: propagate_product(node, d); break;
      case Op::kMap: propagate_map(id, d); break;
      case Op::kSum: contribute(operand(0), structure(Op::kSpread, d, shape_of(0))); break;
      case Op::kRowMax:  // the whole gradient to where the largest element is
        contribute(operand(0), map(Function::kSelectEqual, {d, value(operand(0)), value(id)}));
        break;
      case Op::kTickMean:  // every row has the n-th part of every row's mean
        contribute(operand(0), sum(Op::kTickMean, d));
        break;
      case Op::kSpread: contribute(operand(0), sum(Op::kSum, d)); break;
      case Op::kConcat: {
        Index begin = 0;
        for (std::size_t i = 0; i < node.operands.size(); ++i) {
          if (wanted_[static_cast<std::size_t>(operand(i))]) {
            contribute(operand(i), structure(Op::kSlice, d, shape_of(i), begin));
          }
          begin += shape_of(i).count();
        }
        break;
      }
      case Op::kSlice: contribute(operand(0), structure(Op::kPad, d, shape_of(0), node.begin)); break;
      case Op::kPad: contribute(operand(0), structure(Op::kSlice, d, shape_of(0), node.begin)); break;
      case Op::kNext: contribute(operand(0), d); break;
      case Op::kClipGradient:
        contribute(operand(0),
                   map(Function::kMin, {map(Function::kMax, {d, number(-node.number)}), number(node.number)}));
        break;
      default: break;  // numbers, masks and stopped gradients pass nothing on
    }
  }

  /// y = W v: dL/dv = W^T d, dL/dW = d v^T.
  void propagate_product(const Node& node, NodeId d) {
    const Node& matrix = forward_[node.operands[0]];
    const NodeId vector = node.operands[1];
    if (wanted_[static_cast<std::size_t>(vector)]) {
      Node back;
      back.op = Op::kProductTransposed;
      back.operands = {value(node.operands[0]), d};
      back.shape = forward_[vector].shape;
      back.begin = node.begin;
      contribute(vector, result_.graph.add(std::move(back)));
    }
    if (wanted_[static_cast<std::size_t>(node.operands[0])]) {
      result_.parameters.push_back({matrix.index, d, value(vector), node.begin, matrix.number});
    }
  }

  void propagate_map(NodeId id, NodeId d) {
    const Node& node = forward_[id];
    const NodeId first = node.operands[0];
    const NodeId second = node.operands.size() > 1 ? node.operands[1] : kNoNode;
    const auto a = [&] { return value(first); };
    const auto b = [&] { return value(second); };
    const auto y = [&] { return value(id); };
    const auto wanted = [&](NodeId operand) { return wanted_[static_cast<std::size_t>(operand)]; };
    const auto to = [&](NodeId operand, auto&& derivative) {
      if (wanted(operand)) contribute(operand, derivative());
    };
    switch (node.function) {
      case Function::kIdentity: contribute(first, d); break;
      case Function::kNegate: contribute(first, map(Function::kNegate, {d})); break;
      case Function::kSigmoid: contribute(first, map(Function::kSigmoidSlope, {d, y()})); break;
      case Function::kTanh: contribute(first, map(Function::kTanhSlope, {d, y()})); break;
      case Function::kRelu: contribute(first, map(Function::kReluSlope, {d, y()})); break;
      case Function::kSoftplus:  // d sigmoid(a)
        contribute(first, map(Function::kMultiply, {d, map(Function::kSigmoid, {a()})}));
        break;
      case Function::kExp: contribute(first, map(Function::kMultiply, {d, y()})); break;
      case Function::kLog: contribute(first, map(Function::kDivide, {d, a()})); break;
      case Function::kSqrt:  // d / (2 y)
        contribute(first, map(Function::kDivide, {map(Function::kMultiply, {d, number(0.5)}), y()}));
        break;
      case Function::kAdd:
        to(first, [&] { return d; });
        to(second, [&] { return d; });
        break;
      case Function::kSubtract:
        to(first, [&] { return d; });
        to(second, [&] { return map(Function::kNegate, {d}); });
        break;
      case Function::kMultiply:
        if (first == second) {
          to(first, [&] { return map(Function::kMultiply, {twice(d), a()}); });
          break;
        }
        to(first, [&] { return map(Function::kMultiply, {d, b()}); });
        to(second, [&] { return map(Function::kMultiply, {d, a()}); });
        break;
      case Function::kDivide:  // y = a / b: d / b, -d y / b
        to(first, [&] { return map(Function::kDivide, {d, b()}); });
        to(second, [&] {
          return map(Function::kNegate, {map(Function::kDivide, {map(Function::kMultiply, {d, y()}), b()})});
        });
        break;
      case Function::kMax:  // ties go to the first operand
        to(first, [&] { return map(Function::kSelectGreaterEqual, {d, a(), b()}); });
        to(second, [&] { return map(Function::kSelectGreater, {d, b(), a()}); });
        break;
      case Function::kMin:
        to(first, [&] { return map(Function::kSelectGreaterEqual, {d, b(), a()}); });
        to(second, [&] { return map(Function::kSelectGreater, {d, a(), b()}); });
        break;
      default: break;  // the remaining functions occur in gradient graphs only
    }
  }

  const Graph& forward_;
  std::vector<char> wanted_;      // per forward node
  std::vector<NodeId> adjoints_;  // per forward node: dL/dvalue so far
  std::map<std::tuple<Op, Index, double>, NodeId> leaves_;
  std::map<double, NodeId> numbers_;
  std::map<std::pair<Op, NodeId>, NodeId> sums_;
  GradientGraph result_;
  Summands element_summands_, row_summands_;
};

}  // namespace

GradientGraph differentiate(const Graph& forward) { return Differentiation(forward).run(); }

}  // namespace unfold::recurrence
