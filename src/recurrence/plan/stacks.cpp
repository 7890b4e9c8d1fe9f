#include "recurrence/plan/stacks.h"

#include <algorithm>
#include <map>
#include <tuple>

#include "recurrence/plan/passes.h"

namespace unfold::recurrence {
namespace {

/// A value that lives in a state's or a message's own buffer cannot lie beside others.
bool has_own_buffer(const Flow& flow, ValueId id) {
  return std::find(flow.next.begin(), flow.next.end(), id) != flow.next.end() ||
         std::find(flow.message.begin(), flow.message.end(), id) != flow.message.end();
}

}  // namespace

std::vector<ProductGroup> find_product_groups(const Flow& flow) {
  using Key = std::tuple<Pass, When, int, std::vector<ValueId>, ValueId>;
  std::map<Key, std::size_t> known;
  std::vector<ProductGroup> groups;
  for (ValueId id = 0; id < flow.count(); ++id) {
    const Value& sum = flow[id];
    if (!is_product(sum)) continue;
    std::vector<ValueId> operands = reads(sum);
    std::sort(operands.begin(), operands.end());
    operands.erase(std::unique(operands.begin(), operands.end()), operands.end());
    const Key key{sum.pass, sum.when, sum.level, operands, has_own_buffer(flow, id) ? id : kNoValue};
    const auto [found, added] = known.try_emplace(key, groups.size());
    if (added) groups.push_back({sum.pass, sum.when, sum.level, operands, {}});
    groups[found->second].outputs.push_back(id);
  }
  return groups;
}

std::vector<GradientGroup> find_gradient_groups(const Flow& flow) {
  std::map<ValueId, std::size_t> known;
  std::vector<GradientGroup> groups;
  for (const auto& part : flow.parameter_parts) {
    if (part.operand == kNoValue) continue;
    const auto [found, added] = known.try_emplace(part.operand, groups.size());
    if (added) groups.push_back({part.operand, {}});
    auto& gradients = groups[found->second].gradients;
    if (std::find(gradients.begin(), gradients.end(), part.gradient) == gradients.end())
      gradients.push_back(part.gradient);
  }
  return groups;
}

std::vector<char> find_stored(const Flow& flow) {
  std::vector<char> stored = has_role(flow);
  for (ValueId id = 0; id < flow.count(); ++id) {
    const Value& value = flow[id];
    if (is_product(value) || is_statistic(value)) stored[at(id)] = 1;
    for (const Term& term : value.terms) stored[at(term.operand)] = 1;
    for (const ValueId read : value.operands) {
      const Value& operand = flow[read];
      const bool same_program =
          operand.pass == value.pass && operand.when == value.when && operand.level == value.level;
      if (!same_program) stored[at(read)] = 1;
    }
  }
  for (ValueId id = 0; id < flow.count(); ++id) {
    if (is_leaf(flow[id]))
      stored[at(id)] = flow[id].op == Op::kMask;  // other leaves lie where the caller or a state has them
  }
  return stored;
}

int position(Pass pass, When when, int level) {
  return ((pass == Pass::kForward ? 0 : 4) + static_cast<int>(when)) * 10000 + level;
}

}  // namespace unfold::recurrence
