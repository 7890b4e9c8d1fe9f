#include <algorithm>
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

}  // namespace

void sum_vector_gradients(Flow& flow, const Workload& workload) {
  if (workload.steps < kFewTicks) return;
  const auto users = readers(flow);
  for (auto& part : flow.parameter_parts) {
    if (part.operand != kNoValue || flow[part.gradient].per_tick) continue;
    const std::optional<When> when = find_program(flow, users, part.gradient);
    if (!when) continue;
    Value sum = flow[part.gradient];
    sum.op = Op::kTickSum;
    sum.operands = {part.gradient};
    sum.terms = {};
    sum.pass = Pass::kBackward;
    sum.when = *when;
    flow.values.push_back(std::move(sum));
    part.gradient = flow.count() - 1;
  }
}

}  // namespace unfold::recurrence
