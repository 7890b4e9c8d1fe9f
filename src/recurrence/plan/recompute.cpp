#include <algorithm>
#include <map>

#include "recurrence/plan/passes.h"
#include "recurrence/plan/stacks.h"

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

namespace {

/// An input's product less what all rows of a tick share, such as its mean.
bool is_centred_product(const Flow& flow, const Value& value) {
  if (value.op != Op::kMap || value.function != kernels::Function::kSubtract) return false;
  const Value& product = flow[value.operands[0]];
  return is_product(product) && product.pass == Pass::kForward && product.when == When::kBefore &&
         flow[value.operands[1]].per_tick;
}

}  // namespace

void recompute_beside_readers(Flow& flow) {
  const auto users = readers(flow);
  const auto roles = has_role(flow);
  const auto where = [](const Value& value) { return position(value.pass, value.when, value.level); };
  const ValueId count = flow.count();
  for (ValueId id = 0; id < count; ++id) {
    if (roles[at(id)] || !is_centred_product(flow, flow[id])) continue;
    if (!std::ranges::all_of(users[at(id)], [&](ValueId user) { return is_elementwise(flow[user]); })) continue;
    std::map<int, ValueId> copies{{where(flow[id]), id}};
    for (const ValueId user : users[at(id)]) {
      const auto [copy, added] = copies.try_emplace(where(flow[user]), flow.count());
      if (added) {
        Value again = flow[id];
        again.pass = flow[user].pass;
        again.when = flow[user].when;
        again.level = flow[user].level;
        flow.values.push_back(std::move(again));
      }
      for (ValueId& operand : flow[user].operands) {
        if (operand == id) operand = copy->second;
      }
    }
  }
  remove_dead(flow);
}

}  // namespace unfold::recurrence
