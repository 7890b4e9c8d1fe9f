#include "recurrence/plan/passes.h"

namespace unfold::recurrence {
namespace {

/// Whether a product in a sum inside the loop has its operand before the loop begins.
bool is_early(const Flow& flow, const Value& sum, const Term& term) {
  const Value& operand = flow[term.operand];
  return operand.when == When::kBefore || operand.when == When::kOnce || operand.pass != sum.pass;
}

ValueId append(Flow& flow, Value value) {
  flow.values.push_back(std::move(value));
  return flow.count() - 1;
}

}  // namespace

void divide_sums(Flow& flow) {
  const ValueId count = flow.count();
  for (ValueId id = 0; id < count; ++id) {
    const Value sum = flow[id];
    if (!is_product(sum) || sum.when != When::kInside) continue;
    Value early = sum, late = sum;
    std::erase_if(early.terms, [&](const Term& term) { return !is_early(flow, sum, term); });
    std::erase_if(late.terms, [&](const Term& term) { return is_early(flow, sum, term); });
    if (early.terms.empty() || late.terms.empty()) continue;
    early.when = When::kBefore;
    Value total = sum;
    total.op = Op::kMap;
    total.function = kernels::Function::kAdd;
    total.terms.clear();
    total.operands = {append(flow, std::move(early)), append(flow, std::move(late))};
    flow[id] = std::move(total);
  }
  remove_dead(flow);
}

}  // namespace unfold::recurrence
