#include <map>

#include "recurrence/plan/passes.h"

namespace unfold::recurrence {
namespace {

/// Forward values that are stored whatever backward reads: operands of products, states, the output.
std::vector<char> stored_anyway(const Flow& flow) {
  std::vector<char> result = has_role(flow);
  for (const Value& value : flow.values) {
    for (const Term& term : value.terms) result[at(term.operand)] = 1;
  }
  for (ValueId id = 0; id < flow.count(); ++id) {
    if (is_leaf(flow[id])) result[at(id)] = 1;
  }
  return result;
}

}  // namespace

void recompute_cheap_values(Flow& flow) {
  if (!flow.has_backward()) return;
  std::vector<char> read_by_backward(flow.values.size(), 0);
  for (const Value& value : flow.values) {
    if (value.pass != Pass::kBackward) continue;
    for (const ValueId read : reads(value)) read_by_backward[at(read)] = 1;
  }
  std::vector<char> available = stored_anyway(flow);
  std::map<ValueId, ValueId> again;  // forward value -> its copy in the backward pass
  const ValueId count = flow.count();
  for (ValueId id = 0; id < count; ++id) {
    if (!read_by_backward[at(id)] || flow[id].pass != Pass::kForward || available[at(id)]) continue;
    const Value value = flow[id];
    bool cheap = value.op == Op::kMap;
    for (const ValueId operand : value.operands) cheap = cheap && available[at(operand)];
    available[at(id)] = 1;  // kept, or computed again: either way later values may build on it
    if (!cheap) continue;
    Value copy = value;
    copy.pass = Pass::kBackward;
    for (ValueId& operand : copy.operands) {
      const auto found = again.find(operand);
      if (found != again.end()) operand = found->second;
    }
    flow.values.push_back(std::move(copy));
    again[id] = flow.count() - 1;
  }
  for (ValueId id = 0; id < count; ++id) {
    Value& value = flow[id];
    if (value.pass != Pass::kBackward) continue;
    const auto use_copy = [&](ValueId& read) {
      const auto found = again.find(read);
      if (found != again.end()) read = found->second;
    };
    for (ValueId& operand : value.operands) use_copy(operand);
    for (Term& term : value.terms) use_copy(term.operand);
  }
  remove_dead(flow);
}

}  // namespace unfold::recurrence
