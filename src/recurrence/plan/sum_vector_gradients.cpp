#include <algorithm>
#include <map>
#include <optional>

#include "recurrence/plan/passes.h"

namespace unfold::recurrence {
namespace {

/// With fewer ticks than this there is too little for threads to share.
constexpr Index kFewTicks = 16;

/// When a program outside the loop has the value at hand: when it computes it, or another that reads it.
std::optional<When> find_program(const Flow& flow, const std::vector<std::vector<ValueId>>& readers, ValueId id) {
  const auto is_outside = [&](ValueId computed) {
    const Value& value = flow[computed];
    return value.pass == Pass::kBackward && is_elementwise(value) && !value.per_tick &&
           (value.when == When::kBefore || value.when == When::kAfter);
  };
  if (is_outside(id)) return flow[id].when;
  const auto reader = std::ranges::find_if(readers[at(id)], is_outside);
  return reader == readers[at(id)].end() ? std::nullopt : std::optional(flow[*reader].when);
}

/// Sums over the rows of a tick, each value's once.
class TickSums {
 public:
  explicit TickSums(Flow& flow) : flow_(flow), users_(readers(flow)) {
    for (ValueId id = 0; id < flow.count(); ++id) {
      if (flow[id].op == Op::kTickSum) known_.emplace(flow[id].operands[0], id);
    }
  }

  /// Of the value, where a program has it at hand outside the loop, or its sum is there already. A factor that all rows
  /// have multiplies the sum.
  ValueId of(ValueId id) {
    const Value value = flow_[id];
    if (value.op == Op::kMap && value.function == kernels::Function::kMultiply) {
      for (const bool first : {true, false}) {
        const ValueId factor = value.operands[first ? 0 : 1], other = value.operands[first ? 1 : 0];
        if (!flow_[factor].per_tick) continue;
        const ValueId sum = of(other);
        return sum == kNoValue ? kNoValue : add(Op::kMap, value, {sum, factor}, When::kAfter);
      }
    }
    if (const auto found = known_.find(id); found != known_.end()) return found->second;
    const std::optional<When> when = find_program(flow_, users_, id);
    if (!when) return kNoValue;
    return known_[id] = add(Op::kTickSum, value, {id}, *when);
  }

 private:
  ValueId add(Op op, const Value& like, std::vector<ValueId> operands, When when) {
    Value value = like;
    value.op = op;
    value.operands = std::move(operands);
    value.terms = {};
    value.pass = Pass::kBackward;
    value.when = when;
    value.per_tick = op == Op::kMap;
    flow_.values.push_back(std::move(value));
    return flow_.count() - 1;
  }

  Flow& flow_;
  std::vector<std::vector<ValueId>> users_;  // of the values that there were
  std::map<ValueId, ValueId> known_;         // of a value, its sum
};

}  // namespace

void sum_vector_gradients(Flow& flow, const Workload& workload) {
  if (workload.steps < kFewTicks) return;
  TickSums sums(flow);
  for (auto& part : flow.parameter_parts) {
    if (part.operand != kNoValue || flow[part.gradient].per_tick) continue;
    if (const ValueId sum = sums.of(part.gradient); sum != kNoValue) part.gradient = sum;
  }
  remove_dead(flow);
}

}  // namespace unfold::recurrence
