#include "recurrence/plan/sweeps.h"

#include <algorithm>
#include <map>
#include <tuple>

namespace unfold::recurrence {
namespace {

using Kind = Instruction::Kind;
using Where = Operand::Where;

/// When a value can be computed at the earliest: all of a rank are independent of one another, or one sweep.
struct Rank {
  int number = 0;
  Index size = 0;  // of a sweep; 0: each value by itself
};

/// Element by element at the same place in every operand; slices lie elsewhere.
bool is_elementwise(const Instruction& instruction) {
  return instruction.kind == Kind::kMap && instruction.destination.offset == 0 && instruction.a.offset == 0 &&
         instruction.b.offset == 0 && instruction.c.offset == 0;
}

/// Takes instructions in their order and gives them back with their sweeps.
class Sweeps {
 public:
  void add(Instruction instruction) {
    if (is_elementwise(instruction)) {
      if (!sweep_.empty() && sweep_.back().size != instruction.size) end();
      instruction.sweep = count_;
      sweep_.push_back(instruction);
      return;
    }
    if (!may_go_before(instruction)) end();
    code_.push_back(instruction);
  }

  void end() {
    if (sweep_.empty()) return;
    code_.insert(code_.end(), sweep_.begin(), sweep_.end());
    sweep_.clear();
    ++count_;
  }

  int count() const { return count_; }
  const std::vector<Instruction>& code() const { return code_; }

 private:
  /// A scalar that the sweep does not compute is spread before it.
  bool may_go_before(const Instruction& instruction) const {
    return instruction.kind == Kind::kSpread && instruction.destination.where == Where::kRegister &&
           std::ranges::none_of(sweep_, [&](const Instruction& earlier) {
             return earlier.destination.where == instruction.a.where &&
                    earlier.destination.index == instruction.a.index;
           });
  }

  std::vector<Instruction> code_;
  std::vector<Instruction> sweep_;  // that is being formed
  int count_ = 0;                   // of those that have ended
};

}  // namespace

std::vector<ValueId> in_order_of_sweeps(const Flow& flow, std::vector<ValueId> values) {
  std::map<ValueId, Rank> ranks;
  for (const ValueId id : values) {
    const Value& value = flow[id];
    Rank rank{.number = 0, .size = value.op == Op::kMap || value.op == Op::kTickSum ? value.size : 0};
    for (const ValueId read : value.operands) {
      const auto found = ranks.find(read);
      if (found == ranks.end()) continue;
      const bool goes_on = found->second.size == rank.size;
      rank.number = std::max(rank.number, found->second.number + (goes_on ? 0 : 1));
    }
    ranks[id] = rank;
  }
  const auto order = [&](ValueId id) { return std::tuple(ranks[id].number, ranks[id].size, id); };
  std::ranges::sort(values, {}, order);
  return values;
}

void form_sweeps(Program& program) {
  Sweeps sweeps;
  for (const Instruction& instruction : program.code) sweeps.add(instruction);
  sweeps.end();
  program.code = sweeps.code();
  program.sweeps = sweeps.count();
  const auto is_whole = [&](const Instruction& i) { return i.sweep == 0 && i.size == program.width; };
  program.is_one_sweep = program.sweeps == 1 && std::ranges::all_of(program.code, is_whole);
}

}  // namespace unfold::recurrence
