#include <algorithm>
#include <set>

#include "recurrence/plan/passes.h"

namespace unfold::recurrence {
namespace {

ValueId add_copy(Flow& flow, ValueId of, Pass pass, When when) {
  Value copy;
  copy.op = Op::kMap;
  copy.function = kernels::Function::kIdentity;
  copy.operands = {of};
  copy.size = flow[of].size;
  copy.name = flow[of].name;
  copy.pass = pass;
  copy.when = when;
  flow.values.push_back(std::move(copy));
  return flow.count() - 1;
}

/// A message can be read during its tick only: whoever needs it later reads a copy.
void copy_messages_read_later(Flow& flow) {
  const ValueId count = flow.count();
  for (ValueId id = 0; id < count; ++id) {
    if (flow[id].op != Op::kNextGradient || !flow.sends_message[at(flow[id].index)]) continue;
    bool read_later = has_role(flow)[at(id)] != 0;
    for (const Value& value : flow.values) {
      const auto all = reads(value);
      read_later = read_later || (value.when != When::kInside && std::find(all.begin(), all.end(), id) != all.end());
    }
    if (!read_later) continue;
    const ValueId copy = add_copy(flow, id, Pass::kBackward, When::kInside);
    replace_reads(flow, id, copy);
    flow[copy].operands = {id};
  }
}

}  // namespace

void separate_next_values(Flow& flow) {
  std::set<ValueId> claimed;
  for (std::size_t s = 0; s < flow.next.size(); ++s) {
    const ValueId next = flow.next[s];
    const Value& value = flow[next];
    if (!is_leaf(value) && !is_statistic(value) && !value.per_tick && value.when != When::kOnce &&
        claimed.insert(next).second)
      continue;
    const bool late_leaf = value.op == Op::kState && flow.looping[at(value.index)] && !flow.looping[s];
    const When when = flow.looping[s]             ? When::kInside
                      : late_leaf                 ? When::kAfter
                      : value.when == When::kOnce ? When::kBefore
                                                  : value.when;
    flow.next[s] = add_copy(flow, next, Pass::kForward, when);
  }
  claimed.clear();
  for (ValueId& message : flow.message) {
    if (message == kNoValue) continue;
    const Value& value = flow[message];
    // A message lives for one tick, so nothing may read it after.
    bool only_message = true;
    for (const ValueId other : flow.input_gradients) only_message = only_message && other != message;
    for (const ValueId other : flow.given_gradients) only_message = only_message && other != message;
    for (const auto& part : flow.parameter_parts) only_message = only_message && part.gradient != message;
    const bool own = !is_leaf(value) && !is_statistic(value) && !value.per_tick && value.pass == Pass::kBackward &&
                     value.when == When::kInside && only_message && claimed.insert(message).second;
    if (own) continue;
    message = add_copy(flow, message, Pass::kBackward, When::kInside);
  }
  copy_messages_read_later(flow);
  remove_dead(flow);
}

}  // namespace unfold::recurrence
