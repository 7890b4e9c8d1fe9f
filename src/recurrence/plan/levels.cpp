#include <algorithm>

#include "recurrence/plan/passes.h"

namespace unfold::recurrence {
namespace {

std::size_t at(Index i) { return static_cast<std::size_t>(i); }

int next_even(int level) { return level + (level & 1); }

int earliest_level(const Flow& flow, const Value& value) {
  int level = 0;
  for (const ValueId read : reads(value)) level = std::max(level, level_of_read(flow, value, read));
  return is_product(value) ? odd_above(level) : next_even(level);
}

/// A value computed from what is stored anyway waits for the program that reads it, so that it need not be stored
/// itself.
void delay(Flow& flow) {
  const auto users = readers(flow);
  const auto roles = has_role(flow);
  for (ValueId id = flow.count() - 1; id >= 0; --id) {
    Value& value = flow[id];
    if (!is_elementwise(value) || roles[at(id)] || users[at(id)].empty()) continue;
    bool free = true;
    for (const ValueId operand : value.operands) free = free && !is_elementwise(flow[operand]);
    int latest = 1 << 20;
    for (const ValueId user : users[at(id)]) {
      const Value& reader = flow[user];
      free = free && reader.pass == value.pass && reader.when == value.when;
      latest = std::min(latest, is_product(reader) ? reader.level - 1 : reader.level);
    }
    if (free) value.level = std::max(value.level, latest);
  }
}

}  // namespace

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
