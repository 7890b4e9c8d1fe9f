#include <algorithm>

#include "recurrence/plan/passes.h"

namespace unfold::recurrence {
namespace {

int next_even(int level) { return level + (level & 1); }
/// The first level of products above `level`.
int odd_above(int level) { return level + 1 + (level & 1); }

/// The level that reading `read` imposes on a value of `reader`'s pass and place: 0 if it is there before the place
/// begins.
int level_of_read(const Flow& flow, const Value& reader, ValueId read) {
  const Value& value = flow[read];
  if (value.op == Op::kState && reader.pass == Pass::kForward && !flow.looping[at(value.index)]) {
    // The state of all ticks must have been computed before any row reads its predecessor.
    const Value& next = flow[flow.next[at(value.index)]];
    return next.when == reader.when && next.pass == reader.pass && !is_leaf(next) ? next.level + 1 : 0;
  }
  const bool same_place = value.pass == reader.pass && value.when == reader.when && !is_leaf(value);
  return same_place ? value.level : 0;
}

int earliest_level(const Flow& flow, const Value& value) {
  int level = 0;
  for (const ValueId read : reads(value)) level = std::max(level, level_of_read(flow, value, read));
  if (is_elementwise(value) && value.per_tick) return level + 1 - (level & 1);  // after the statistics of its level
  return is_elementwise(value) ? next_even(level) : odd_above(level);
}

/// Decides which values may wait for a later level without anything else having to be stored for it.
class Delay {
 public:
  explicit Delay(const Flow& flow) : flow_(flow), readers_(readers(flow)), roles_(has_role(flow)) {}

  /// Computed only from what is in memory anyway, or from values that nobody else reads and that may wait with it.
  bool may_wait(ValueId id) const {
    for (const ValueId operand : flow_[id].operands) {
      const bool mine = readers_[at(operand)].size() == 1 && !roles_[at(operand)] && is_elementwise(flow_[operand]);
      if (!is_stored(operand) && !(mine && may_wait(operand))) return false;
    }
    return true;
  }

  /// The last level at which the readers of `id` can still use it; -1 if it must not move.
  int latest(ValueId id) const {
    const Value& value = flow_[id];
    if (!is_elementwise(value) || value.per_tick || roles_[at(id)] || readers_[at(id)].empty()) return -1;
    int level = 1 << 20;
    for (const ValueId user : readers_[at(id)]) {
      const Value& reader = flow_[user];
      if (reader.pass != value.pass || reader.when != value.when) return -1;
      level = std::min(level, is_elementwise(reader) ? reader.level : reader.level - 1);
    }
    return level;
  }

 private:
  bool is_stored(ValueId id) const {
    if (!is_elementwise(flow_[id]) || roles_[at(id)]) return true;
    for (const ValueId user : readers_[at(id)]) {
      if (!is_elementwise(flow_[user]) || flow_[user].pass != flow_[id].pass) return true;
    }
    return false;
  }

  const Flow& flow_;
  std::vector<std::vector<ValueId>> readers_;
  std::vector<char> roles_;
};

/// A value computed from what is stored anyway waits for the program that reads it, so that it need not be stored
/// itself.
void delay(Flow& flow) {
  const Delay delay(flow);
  for (ValueId id = flow.count() - 1; id >= 0; --id) {
    const int latest = delay.latest(id);
    if (latest >= 0 && delay.may_wait(id)) flow[id].level = std::max(flow[id].level, latest);
  }
}

}  // namespace

void assign_levels(Flow& flow) {
  // States read across ticks can point backwards in the list, hence the repetition until nothing changes.
  for (bool changed = true; changed;) {
    changed = false;
    for (Value& value : flow.values) {
      if (is_leaf(value)) continue;
      const int level = earliest_level(flow, value);
      changed = changed || level > value.level;
      value.level = std::max(value.level, level);
    }
  }
  delay(flow);
}

}  // namespace unfold::recurrence
