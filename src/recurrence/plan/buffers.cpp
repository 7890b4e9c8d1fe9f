#include <algorithm>
#include <limits>
#include <map>
#include <numeric>
#include <ranges>

#include "recurrence/plan/stacks.h"

namespace unfold::recurrence {
namespace {

constexpr int kForever = std::numeric_limits<int>::max();

class Assignment {
 public:
  explicit Assignment(Plan& plan)
      : plan_(plan), flow_(plan.flow), stored_(find_stored(plan.flow)), taken_(plan.flow.values.size(), 0) {
    plan_.locations.assign(flow_.values.size(), {});
    find_last_uses();
    find_transient();
  }

  void place_states() {
    for (std::size_t s = 0; s < flow_.next.size(); ++s) {
      const std::string& name = flow_.graph->states[s].name;
      const Index size = flow_.graph->states[s].shape.count();
      plan_.state_buffers.push_back(add_buffer({name, Rows::kState, size, Stage::kForward}));
      plan_.locations[at(flow_.next[s])] = {plan_.state_buffers.back(), 0};
      if (!flow_.has_backward()) continue;
      const bool sends = flow_.message[s] != kNoValue;
      plan_.message_buffers.push_back(
          add_buffer({"d" + name, sends ? Rows::kMessage : Rows::kTick, size, Stage::kBackward}));
      if (sends) plan_.locations[at(flow_.message[s])] = {plan_.message_buffers.back(), 0};
    }
  }

  void place_output_gradient() {
    for (ValueId id = 0; id < flow_.count(); ++id) {
      if (flow_[id].op != Op::kOutputGradient) continue;
      plan_.output_gradient_buffer =
          add_buffer({.name = "doutput", .columns = flow_[id].size, .begins = Stage::kBackward, .is_callers = true});
      plan_.locations[at(id)] = {plan_.output_gradient_buffer, 0};
    }
  }

  /// What is per tick, each by itself; a mean takes the place of its sum, unless that has other readers.
  void place_per_tick() {
    const auto users = readers(flow_);
    const auto roles = has_role(flow_);
    for (ValueId id = 0; id < flow_.count(); ++id) {
      if (!flow_[id].per_tick || !stored_[at(id)]) continue;
      const ValueId sum = flow_[id].op == Op::kTickMean ? flow_[id].operands[0] : kNoValue;
      if (sum != kNoValue) place_side_by_side({sum});
      if (sum != kNoValue && users[at(sum)].size() == 1 && !roles[at(sum)])
        plan_.locations[at(id)] = plan_.location(sum);
      else
        place_side_by_side({id});
    }
  }

  /// Sums of products that are done together lie side by side; those of only one group at the ends, shared ones
  /// between.
  void place_outputs(const std::vector<ProductGroup>& groups) {
    std::vector<std::vector<ValueId>> sets;
    for (const ProductGroup& group : groups) sets.push_back(unplaced(group.outputs));
    for (const auto& cluster : clusters(sets)) place_side_by_side(cluster);
  }

  /// So do operands whose products are summed, and gradients whose parameters share an operand; in place of values that
  /// die there, if those lie side by side.
  void place_operands(const std::vector<ProductGroup>& products, const std::vector<GradientGroup>& gradients) {
    std::vector<std::vector<ValueId>> sets;
    for (const ProductGroup& group : products) sets.push_back(unplaced(group.operands));
    for (const GradientGroup& group : gradients) sets.push_back(unplaced(group.gradients));
    for (const auto& cluster : clusters(sets)) {
      if (cluster.size() == 1) continue;
      if (!place_over_dying(cluster)) place_side_by_side(cluster);
    }
  }

  void place_rest() {
    for (ValueId id = 0; id < flow_.count(); ++id) {
      if (!stored_[at(id)] || placed(id)) continue;
      if (!place_over_dying({id})) place_side_by_side({id});
    }
  }

  /// Forward values first: they take the place of the sums they are computed from, and the gradients theirs.
  void place_forward_over_sums() {
    for (ValueId id = 0; id < flow_.count(); ++id) {
      if (flow_[id].pass == Pass::kForward && stored_[at(id)] && !placed(id)) place_over_dying({id});
    }
  }

 private:
  bool placed(ValueId id) const { return plan_.locations[at(id)].buffer >= 0; }

  int add_buffer(Buffer buffer) {
    plan_.buffers.push_back(std::move(buffer));
    return static_cast<int>(plan_.buffers.size()) - 1;
  }

  Rows rows_of(ValueId id) const {
    if (flow_[id].op == Op::kTickSum || flow_[id].per_tick) return Rows::kPerTick;
    return flow_[id].when == When::kOnce || transient_[at(id)] ? Rows::kSequence : Rows::kTick;
  }

  Rows rows_of(const std::vector<ValueId>& side_by_side) const {
    const bool per_sequence =
        std::ranges::all_of(side_by_side, [&](ValueId id) { return rows_of(id) == Rows::kSequence; });
    if (rows_of(side_by_side[0]) == Rows::kPerTick) return Rows::kPerTick;  // always alone
    return per_sequence ? Rows::kSequence : Rows::kTick;
  }

  /// Products and stored statistics inside the loop that only programs of the same tick read, and that stay in the
  /// cache for them.
  void find_transient() {
    transient_.assign(flow_.values.size(), 0);
    const auto users = readers(flow_);
    const auto roles = has_role(flow_);
    for (ValueId id = 0; id < flow_.count(); ++id) {
      const Value& value = flow_[id];
      const bool fresh = is_product(value) || value.op == Op::kTickRow;
      transient_[at(id)] = fresh && value.when == When::kInside && !roles[at(id)] &&
                           std::ranges::all_of(users[at(id)], [&](ValueId user) {
                             const Value& reader = flow_[user];
                             return is_elementwise(reader) && reader.pass == value.pass && reader.when == value.when;
                           });
    }
  }

  /// The values of a set that still need a place and can lie beside others.
  std::vector<ValueId> unplaced(const std::vector<ValueId>& values) const {
    std::vector<ValueId> result;
    for (const ValueId id : values) {
      if (stored_[at(id)] && !placed(id) && !is_leaf(flow_[id])) result.push_back(id);
    }
    return result;
  }

  /// Joins sets that share values; inside a cluster, values that belong to the same sets stand together.
  std::vector<std::vector<ValueId>> clusters(const std::vector<std::vector<ValueId>>& sets) const {
    std::vector<ValueId> root(flow_.values.size());
    std::iota(root.begin(), root.end(), 0);
    const auto find = [&](ValueId id) {
      while (root[at(id)] != id) id = root[at(id)];
      return id;
    };
    std::map<ValueId, std::vector<std::size_t>> memberships;
    for (std::size_t i = 0; i < sets.size(); ++i) {
      for (const ValueId id : sets[i]) {
        memberships[id].push_back(i);
        const ValueId a = find(sets[i][0]);
        const ValueId b = find(id);
        root[at(std::max(a, b))] = std::min(a, b);
      }
    }
    std::map<ValueId, std::vector<ValueId>> joined;
    for (const auto& [id, sets_of] : memberships) joined[find(id)].push_back(id);
    std::vector<std::vector<ValueId>> result;
    for (auto& [first, members] : joined) {
      std::stable_sort(members.begin(), members.end(),
                       [&](ValueId a, ValueId b) { return memberships[a] < memberships[b]; });
      // Members of one set only, of both, of the other only: each set is then a contiguous run.
      result.push_back(std::move(members));
    }
    return result;
  }

  void place_side_by_side(const std::vector<ValueId>& values) {
    if (values.empty()) return;
    std::string name;
    Index columns = 0;
    for (const ValueId id : values) {
      name += (name.empty() ? "" : " ") + flow_[id].name;
      plan_.locations[at(id)] = {static_cast<int>(plan_.buffers.size()), columns};
      columns += flow_[id].size;
    }
    const auto stage = [&](ValueId id) { return stage_of(flow_[id]); };
    add_buffer({name, rows_of(values), columns, std::ranges::min(values | std::views::transform(stage))});
  }

  void find_last_uses() {
    last_use_.assign(flow_.values.size(), -1);
    const auto use = [&](ValueId id, int when) { last_use_[at(id)] = std::max(last_use_[at(id)], when); };
    for (const Value& value : flow_.values) {
      for (const ValueId read : value.operands) use(read, position(value.pass, value.when, value.level));
      for (const Term& term : value.terms) use(term.operand, position(value.pass, value.when, value.level));
    }
    const auto roles = has_role(flow_);
    for (ValueId id = 0; id < flow_.count(); ++id) {
      if (roles[at(id)]) last_use_[at(id)] = kForever;
    }
  }

  /// Stored values that die in the program which computes `id`, nearest first: their memory may become its memory.
  std::vector<ValueId> dying(ValueId id) const {
    const Value& value = flow_[id];
    std::vector<ValueId> result;
    if (!is_elementwise(value)) return result;
    const int here = position(value.pass, value.when, value.level);
    std::vector<ValueId> queue{id};
    std::vector<char> seen(flow_.values.size(), 0);
    for (std::size_t next = 0; next < queue.size(); ++next) {
      for (const ValueId read : flow_[queue[next]].operands) {
        if (seen[at(read)]) continue;
        seen[at(read)] = 1;
        const Value& operand = flow_[read];
        if (is_elementwise(operand) && position(operand.pass, operand.when, operand.level) == here)
          queue.push_back(read);
        else if (may_be_overwritten(read, id, here))
          result.push_back(read);
      }
    }
    return result;
  }

  bool may_be_overwritten(ValueId old, ValueId id, int here) const {
    if (!placed(old) || taken_[at(old)] || last_use_[at(old)] != here) return false;
    const Rows rows = plan_.buffer(old).rows;
    return flow_[old].size == flow_[id].size && (rows == Rows::kTick || rows == Rows::kSequence) && rows == rows_of(id);
  }

  /// Puts values side by side onto values that die in the programs computing them. False if no such row of values
  /// exists.
  bool place_over_dying(std::vector<ValueId> values) {
    std::map<ValueId, std::vector<ValueId>> candidates;
    for (const ValueId id : values) {
      candidates[id] = dying(id);
      if (candidates[id].empty()) return false;
    }
    const auto column_of = [&](ValueId id) { return plan_.location(candidates[id][0]).column; };
    if (values.size() > 1)
      std::stable_sort(values.begin(), values.end(), [&](ValueId a, ValueId b) { return column_of(a) < column_of(b); });
    for (const ValueId first : candidates[values[0]]) {
      const Location start = plan_.location(first);
      std::vector<ValueId> chosen;
      Index column = start.column;
      for (const ValueId id : values) {
        for (const ValueId old : candidates[id]) {
          const Location& there = plan_.location(old);
          if (there.buffer == start.buffer && there.column == column) {
            chosen.push_back(old);
            break;
          }
        }
        column += flow_[id].size;
      }
      if (chosen.size() != values.size()) continue;
      for (std::size_t i = 0; i < values.size(); ++i) {
        plan_.locations[at(values[i])] = plan_.location(chosen[i]);
        taken_[at(chosen[i])] = 1;
      }
      return true;
    }
    return false;
  }

  Plan& plan_;
  const Flow& flow_;
  std::vector<char> stored_;
  std::vector<char> taken_;  // its memory belongs to a later value
  std::vector<int> last_use_;
  std::vector<char> transient_;
};

}  // namespace

void assign_buffers(Plan& plan, const std::vector<ProductGroup>& products,
                    const std::vector<GradientGroup>& gradients) {
  Assignment assignment(plan);
  assignment.place_states();
  assignment.place_output_gradient();
  assignment.place_per_tick();
  assignment.place_outputs(products);
  assignment.place_forward_over_sums();
  assignment.place_operands(products, gradients);
  assignment.place_rest();
}

}  // namespace unfold::recurrence
