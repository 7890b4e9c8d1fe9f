#include "recurrence/plan/passes.h"

namespace unfold::recurrence {
namespace {

/// Whether a value is the same at all ticks of a sequence. Such products are not summed with those of a tick.
std::vector<char> per_sequence(const Flow& flow) {
  std::vector<char> result(flow.values.size(), 0);
  for (ValueId id = 0; id < flow.count(); ++id) {
    const Value& value = flow[id];
    bool constant = false;
    switch (value.op) {
      case Op::kGiven:
      case Op::kParameter:
      case Op::kNumber: constant = true; break;
      case Op::kMask: constant = !flow.graph->masks[at(value.index)].every_tick; break;
      default: {
        constant = !is_leaf(value);
        for (const ValueId read : reads(value)) constant = constant && result[at(read)];
      }
    }
    result[at(id)] = constant ? 1 : 0;
  }
  return result;
}

struct Collected {
  std::vector<Term> terms;
  std::vector<ValueId> rest;
};

class Collector {
 public:
  explicit Collector(Flow& flow)
      : flow_(flow), readers_(readers(flow)), roles_(has_role(flow)), constant_(per_sequence(flow)) {}

  bool is_sum(ValueId id) const {
    const Value& value = flow_[id];
    if (value.op != Op::kMap || value.function != kernels::Function::kAdd || constant_[at(id)]) return false;
    return flow_[value.operands[0]].size == value.size && flow_[value.operands[1]].size == value.size;
  }

  /// Whether `id` may be taken apart into the sum that reads it: nobody else needs its value.
  bool is_inner(ValueId id) const { return readers_[at(id)].size() == 1 && !roles_[at(id)]; }

  /// A sum that is not part of a larger sum.
  bool is_outermost(ValueId id) const {
    return is_sum(id) &&
           !(is_inner(id) && is_sum(readers_[at(id)][0]) && flow_[readers_[at(id)][0]].pass == flow_[id].pass);
  }

  void collect(ValueId id, Collected& sum) const {
    for (const ValueId operand : flow_[id].operands) {
      const Value& value = flow_[operand];
      const bool mine = is_inner(operand) && value.pass == flow_[id].pass && !constant_[at(operand)];
      if (mine && is_product(value))
        sum.terms.insert(sum.terms.end(), value.terms.begin(), value.terms.end());
      else if (mine && is_sum(operand))
        collect(operand, sum);
      else
        sum.rest.push_back(operand);
    }
  }

 private:
  const Flow& flow_;
  std::vector<std::vector<ValueId>> readers_;
  std::vector<char> roles_;
  std::vector<char> constant_;
};

Value add(const Value& like, ValueId a, ValueId b) {
  Value value = like;
  value.operands = {a, b};
  return value;
}

}  // namespace

void collect_sums(Flow& flow) {
  std::vector<std::pair<ValueId, Collected>> sums;
  {
    const Collector collector(flow);
    for (ValueId id = 0; id < flow.count(); ++id) {
      if (!collector.is_outermost(id)) continue;
      Collected sum;
      collector.collect(id, sum);
      if (!sum.terms.empty()) sums.emplace_back(id, std::move(sum));
    }
  }
  for (auto& [id, sum] : sums) {
    const Value like = flow[id];
    Value products = like;
    products.op = Op::kProduct;
    products.operands.clear();
    products.terms = std::move(sum.terms);
    if (sum.rest.empty()) {
      flow[id] = std::move(products);
      continue;
    }
    flow.values.push_back(std::move(products));
    ValueId total = flow.count() - 1;
    for (std::size_t i = 0; i + 1 < sum.rest.size(); ++i) {
      flow.values.push_back(add(like, total, sum.rest[i]));
      total = flow.count() - 1;
    }
    flow[id].operands = {total, sum.rest.back()};
  }
  remove_dead(flow);
}

}  // namespace unfold::recurrence
