#include "recurrence/plan/divide_level.h"

#include <map>

namespace unfold::recurrence {
namespace {

class Division {
 public:
  Division(const Plan& plan, const std::vector<ValueId>& values) : plan_(plan) {
    std::map<ValueId, ValueId> first_reader;
    for (const ValueId id : values) parent_[id] = id;
    for (const ValueId id : values) {
      for (const ValueId read : plan.value(id).operands) {
        if (!parent_.contains(read) && plan.location(read).buffer < 0) continue;  // nothing may take its place
        join(id, parent_.contains(read) ? read : first_reader.try_emplace(read, id).first->second);
      }
    }
    std::map<ValueId, Index> sizes;
    for (const ValueId id : values) {
      const Index size = size_of(plan.value(id));
      const auto [known, added] = sizes.try_emplace(root(id), size);
      if (known->second != size) known->second = kMixed;
    }
    for (const ValueId id : values) programs_[sizes[root(id)]].push_back(id);
  }

  std::vector<std::vector<ValueId>> programs() const {
    std::vector<std::vector<ValueId>> result;
    for (const auto& [size, values] : programs_) result.push_back(values);
    return result;
  }

 private:
  static constexpr Index kMixed = 0;

  /// The size of all that a value's instruction works on, if it goes element by element.
  Index size_of(const Value& value) const {
    if (value.op != Op::kMap && value.op != Op::kTickSum) return kMixed;
    for (const ValueId read : value.operands) {
      if (plan_.value(read).op != Op::kNumber && plan_.value(read).size != value.size) return kMixed;
    }
    return value.size;
  }

  ValueId root(ValueId id) const {
    while (parent_.at(id) != id) id = parent_.at(id);
    return id;
  }
  void join(ValueId a, ValueId b) { parent_[root(a)] = root(b); }

  const Plan& plan_;
  std::map<ValueId, ValueId> parent_;
  std::map<Index, std::vector<ValueId>> programs_;  // by size
};

}  // namespace

std::vector<std::vector<ValueId>> divide_level(const Plan& plan, const std::vector<ValueId>& values) {
  return Division(plan, values).programs();
}

}  // namespace unfold::recurrence
