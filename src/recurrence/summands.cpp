#include "recurrence/summands.h"

#include "recurrence/graph/row_constants.h"

namespace unfold::recurrence {

using kernels::Function;

Summands::Summands(Op sum, const Graph& forward, const Graph& gradient)
    : sum_(sum), forward_(forward), gradient_(gradient) {
  if (sum == Op::kTickMean) is_constant_in_forward_ = find_row_constants(forward);
}

bool Summands::is_constant(NodeId id) {
  if (sum_ == Op::kTickMean) return is_same_for_all_rows(id);
  return gradient_[id].size() == 1 || gradient_[id].op == Op::kSpread;
}

bool Summands::is_same_for_all_rows(NodeId id) {
  const auto [found, is_new] = same_.try_emplace(id, false);
  if (!is_new) return found->second;
  const Node& node = gradient_[id];
  return found->second = node.op == Op::kForward
                             ? is_constant_in_forward_[at(node.index)] != 0
                             : is_row_constant(node, [this](NodeId read) { return is_same_for_all_rows(read); });
}

bool Summands::vanishes(NodeId id) {
  const Node& node = gradient_[id];
  if (node.op == Op::kForward) return is_centred(static_cast<NodeId>(node.index));
  if (node.op != Op::kMap || node.function != Function::kMultiply) return false;
  const NodeId a = node.operands[0], b = node.operands[1];
  return (vanishes(a) && is_constant(b)) || (vanishes(b) && is_constant(a));
}

bool Summands::is_centred(NodeId forward) const {
  const Node& node = forward_[forward];
  return node.op == Op::kMap && node.function == Function::kSubtract && is_mean_of(node.operands[1], node.operands[0]);
}

bool Summands::is_mean_of(NodeId forward, NodeId value) const {
  const Node& node = forward_[forward];
  if (sum_ == Op::kTickMean) return node.op == Op::kTickMean && node.operands[0] == value;
  if (node.op != Op::kMap || node.function != Function::kMultiply) return false;
  const Node& sum = forward_[node.operands[0]];
  const Node& share = forward_[node.operands[1]];
  return sum.op == Op::kSum && sum.operands[0] == value && share.op == Op::kNumber &&
         share.number * static_cast<double>(forward_[value].size()) == 1;
}

}  // namespace unfold::recurrence
