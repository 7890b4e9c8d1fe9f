#include "recurrence/plan/programs.h"

#include <algorithm>
#include <array>
#include <map>

#include "recurrence/plan/divide_level.h"
#include "recurrence/plan/fusions.h"
#include "recurrence/plan/registers.h"
#include "recurrence/plan/stacks.h"
#include "recurrence/plan/sweeps.h"

namespace unfold::recurrence {
namespace {

using kernels::Function;
using Kind = Instruction::Kind;
using Where = Operand::Where;

/// Compiles the values of one level. Registers are numbered without reuse first; assign_registers then packs them.
class Compiler {
 public:
  Compiler(const Plan& plan, std::vector<ValueId> values, const std::vector<char>& stored,
           const std::vector<std::vector<ValueId>>& readers)
      : plan_(plan), stored_(stored), fusions_(plan, values, stored, readers) {
    program_.values = in_order_of_sweeps(plan.flow, std::move(values));
  }

  Program run() {
    for (const ValueId id : program_.values) {
      if (!fusions_.is_taken(id)) emit(id);
    }
    write_back();
    for (const Instruction& instruction : program_.code) program_.width = std::max(program_.width, instruction.size);
    for (const ValueId id : program_.values) program_.width = std::max(program_.width, plan_.value(id).size);
    form_sweeps(program_);
    assign_registers(program_, register_sizes_);
    return std::move(program_);
  }

 private:
  bool has_location(ValueId id) const { return stored_[at(id)] != 0; }

  Operand memory(ValueId id, Index offset = 0) {
    const auto found = std::find(program_.memory.begin(), program_.memory.end(), id);
    const auto index = static_cast<int>(found - program_.memory.begin());
    if (found == program_.memory.end()) program_.memory.push_back(id);
    return {Where::kMemory, index, offset};
  }

  Operand new_register(Index size) {
    register_sizes_.push_back(size);
    return {Where::kRegister, static_cast<int>(register_sizes_.size()) - 1, 0};
  }

  Operand constant(double number) {
    const auto found = std::find(program_.constants.begin(), program_.constants.end(), number);
    const auto index = static_cast<int>(found - program_.constants.begin());
    if (found == program_.constants.end()) program_.constants.push_back(number);
    return {Where::kConstant, index, 0};
  }

  /// Where the elements of a value are, as they are.
  Operand source(ValueId id) {
    const Value& value = plan_.value(id);
    if (value.op == Op::kNumber) return constant(value.number);
    const auto found = results_.find(id);
    return found != results_.end() ? found->second : memory(id);
  }

  /// The same, a scalar repeated `size` times.
  Operand source(ValueId id, Index size) {
    if (id == FusedMap::kZero) return constant(0);
    const Value& value = plan_.value(id);
    const Operand operand = source(id);
    if (value.size == size || operand.where == Where::kConstant) return operand;
    const auto [found, added] = spread_.try_emplace({id, size}, Operand{});
    if (added) {
      found->second = new_register(size);
      add(Kind::kSpread, found->second, operand, size);
    }
    return found->second;
  }

  Instruction& add(Kind kind, Operand destination, Operand a, Index size) {
    Instruction instruction;
    instruction.kind = kind;
    instruction.destination = destination;
    instruction.a = a;
    instruction.size = size;
    program_.code.push_back(instruction);
    return program_.code.back();
  }

  void emit(ValueId id) {
    const Value& value = plan_.value(id);
    switch (value.op) {
      case Op::kMap: emit_map(id, value); break;
      case Op::kSum: emit_sum(id, value.operands[0]); break;
      case Op::kRowMax:
        results_[id] =
            add(Kind::kRowMax, destination(id), source(value.operands[0]), plan_.value(value.operands[0]).size)
                .destination;
        break;
      case Op::kSpread:
        results_[id] = add(Kind::kSpread, destination(id), source(value.operands[0]), value.size).destination;
        break;
      case Op::kTickSum: emit_tick_sum(id, value); break;
      case Op::kSlice: emit_slice(id, value); break;
      case Op::kConcat: emit_concat(id, value); break;
      case Op::kPad: emit_pad(id, value); break;
      default: break;
    }
  }

  Operand add_map(const FusedMap& map, Operand destination, Index size) {
    std::array<Operand, 3> operands;
    std::ranges::transform(map.operands, operands.begin(), [&](ValueId read) { return source(read, size); });
    Instruction& instruction = add(Kind::kMap, destination, operands[0], size);
    instruction.function = map.function;
    instruction.b = operands[1];
    instruction.c = operands[2];
    return destination;
  }

  void emit_sum(ValueId id, ValueId summed) {
    const Index size = plan_.value(summed).size;
    const Operand sum = results_[id] = destination(id);
    if (!fusions_.is_taken(summed)) {
      add(Kind::kSum, sum, source(summed), size);
      return;
    }
    const std::vector<ValueId> factors = fusions_.fused(summed).operands;
    const Operand a = source(factors[0]), b = source(factors[1]);
    add(Kind::kDot, sum, a, size).b = b;
  }

  void emit_map(ValueId id, const Value& value) {
    const FusedMap map = fusions_.fused(id);
    if (map.function == Function::kIdentity && !has_location(id)) {
      const Operand same = source(map.operands[0], value.size);
      if (same.where != Where::kConstant) {
        results_[id] = same;
        return;
      }
    }
    results_[id] = add_map(map, destination(id), value.size);
  }

  /// Rows are run one after another, and the sum is one place for all of them.
  void emit_tick_sum(ValueId id, const Value& value) { add_map(fusions_.fused(id), memory(id), value.size); }

  void emit_slice(ValueId id, const Value& value) {
    Operand part = source(value.operands[0]);
    if (part.where != Where::kConstant) part.offset += value.begin;
    results_[id] = has_location(id) ? add(Kind::kCopy, destination(id), part, value.size).destination : part;
  }

  void emit_concat(ValueId id, const Value& value) {
    const Operand whole = destination(id);
    Operand part = whole;
    for (const ValueId operand : value.operands) {
      add(Kind::kCopy, part, source(operand), plan_.value(operand).size);
      part.offset += plan_.value(operand).size;
    }
    results_[id] = whole;
  }

  void emit_pad(ValueId id, const Value& value) {
    const Operand whole = destination(id);
    add(Kind::kZero, whole, {}, value.size);
    Operand part = whole;
    part.offset += value.begin;
    add(Kind::kCopy, part, source(value.operands[0]), plan_.value(value.operands[0]).size);
    results_[id] = whole;
  }

  /// Every value is computed in a register; write_back decides which registers can be the memory itself.
  Operand destination(ValueId id) { return new_register(plan_.value(id).size); }

  bool same_memory(ValueId a, ValueId b) const {
    const Location& left = plan_.location(a);
    const Location& right = plan_.location(b);
    return left.buffer >= 0 && left.buffer == right.buffer && left.column == right.column;
  }

  /// Whether writing `id` at instruction `first` would destroy what a later instruction still reads from there.
  bool is_read_after(ValueId id, std::size_t first, bool elementwise) {
    for (std::size_t i = first + (elementwise ? 1 : 0); i < program_.code.size(); ++i) {
      for (const Operand* operand : {&program_.code[i].a, &program_.code[i].b, &program_.code[i].c}) {
        if (operand->where != Where::kMemory) continue;
        const ValueId read = program_.memory[at(operand->index)];
        if (read != id && same_memory(read, id)) return true;
      }
    }
    return false;
  }

  bool is_read(const Operand& result) const {
    return std::ranges::any_of(program_.code, [&](const Instruction& instruction) {
      return std::ranges::any_of(std::array{instruction.a, instruction.b, instruction.c}, [&](const Operand& operand) {
        return operand.where == result.where && operand.index == result.index;
      });
    });
  }

  /// Gives stored values their place: the instruction that computes a value writes to memory at once where that
  /// destroys nothing that is still to be read; otherwise it is copied at the end.
  void write_back() {
    for (const ValueId id : program_.values) {
      if (!has_location(id) || plan_.value(id).op == Op::kTickSum) continue;
      const Operand result = results_.at(id);
      std::size_t first = 0;
      while (first < program_.code.size() && !(program_.code[first].destination.where == result.where &&
                                               program_.code[first].destination.index == result.index))
        ++first;
      const bool elementwise = first < program_.code.size() && program_.code[first].kind == Kind::kMap;
      const bool stays = writes_message(id) ? is_read(result) : is_read_after(id, first, elementwise);
      if (result.where != Where::kRegister || stays) {
        copies_.push_back({id, result});
        continue;
      }
      const Operand place = memory(id);
      for (Instruction& instruction : program_.code) {
        for (Operand* operand : {&instruction.destination, &instruction.a, &instruction.b, &instruction.c}) {
          if (operand->where == Where::kRegister && operand->index == result.index)
            *operand = {Where::kMemory, place.index, operand->offset};
        }
      }
    }
    for (const auto& [id, result] : copies_) {
      Instruction& copy = add(Kind::kMap, memory(id), result, plan_.value(id).size);
      copy.function = Function::kIdentity;
    }
  }

  /// A message is written to the other half of its buffer, so its readers here must not look for it in memory.
  bool writes_message(ValueId id) const { return plan_.buffer(id).rows == Rows::kMessage; }

  const Plan& plan_;
  const std::vector<char>& stored_;
  const Fusions fusions_;
  std::map<ValueId, Operand> results_;
  std::map<std::pair<ValueId, Index>, Operand> spread_;
  std::vector<std::pair<ValueId, Operand>> copies_;
  std::vector<Index> register_sizes_;
  Program program_;
};

}  // namespace

void emit_programs(Plan& plan) {
  const std::vector<char> stored = find_stored(plan.flow);
  const auto users = readers(plan.flow);
  std::map<int, std::vector<ValueId>> levels;
  for (ValueId id = 0; id < plan.flow.count(); ++id) {
    const Value& value = plan.value(id);
    if (is_elementwise(value)) levels[position(value.pass, value.when, value.level)].push_back(id);
  }
  for (const auto& [where, level] : levels) {
    for (const std::vector<ValueId>& values : divide_level(plan, level)) {
      const Value& first = plan.value(values[0]);
      Step step;
      step.kind = Step::Kind::kProgram;
      step.level = first.level;
      step.program.program = static_cast<int>(plan.programs.size());
      plan.programs.push_back(Compiler(plan, values, stored, users).run());
      plan.programs.back().per_tick = first.per_tick;
      steps_of(first.pass == Pass::kForward ? plan.forward : plan.backward, first.when).push_back(std::move(step));
    }
  }
}

}  // namespace unfold::recurrence
