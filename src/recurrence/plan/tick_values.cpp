#include "recurrence/plan/passes.h"

namespace unfold::recurrence {

void find_tick_values(Flow& flow) {
  for (Value& value : flow.values) {
    bool all = value.op == Op::kMap;
    bool any = false;
    for (const ValueId read : value.operands) {
      const Value& operand = flow[read];
      any = any || operand.per_tick;
      all = all && (operand.per_tick || operand.op == Op::kNumber || operand.op == Op::kParameter);
    }
    value.per_tick = value.op == Op::kTickMean || (all && any);
  }
}

}  // namespace unfold::recurrence
