#include "recurrence/plan/registers.h"

#include <algorithm>

#include "tensor/kernels/map_program.h"

namespace unfold::recurrence {
namespace {

using Kind = Instruction::Kind;
using Where = Operand::Where;

/// visit(operand, whether it is written) of every register that an instruction names.
template <class Visit>
void each_register(Instruction& instruction, const Visit& visit) {
  for (Operand* operand : {&instruction.a, &instruction.b, &instruction.c, &instruction.destination}) {
    if (operand->where == Where::kRegister) visit(*operand, operand == &instruction.destination);
  }
}

constexpr int kAlone = -1;  // of no sweep

/// What a register holds.
struct Register {
  Index size = 0;
  int written_by = kAlone;  // sweep
  bool is_spread = false;
  bool is_block = true;       // whether a block is enough
  std::size_t last_read = 0;  // the instruction behind which it is free

  /// A sweep reads what it did not write itself for every block.
  bool is_read_again_by(int sweep) const { return is_block && sweep != kAlone && sweep != written_by; }
};

std::vector<Register> find_registers(Program& program, const std::vector<Index>& sizes) {
  std::vector<Register> registers;
  for (const Index size : sizes) registers.push_back({.size = size});
  for (const Instruction& instruction : program.code) {
    if (instruction.destination.where != Where::kRegister) continue;
    Register& written = registers[at(instruction.destination.index)];
    written.written_by = instruction.sweep;
    written.is_spread = instruction.kind == Kind::kSpread;
  }
  for (Instruction& instruction : program.code) {
    each_register(instruction, [&](const Operand& operand, bool is_written) {
      Register& named = registers[at(operand.index)];
      const bool within_sweeps = named.is_spread ? is_written || instruction.sweep != kAlone
                                                 : named.written_by != kAlone && named.written_by == instruction.sweep;
      if (!within_sweeps && named.size > kernels::kMapBlock) named.is_block = false;
    });
  }
  return registers;
}

void find_last_reads(Program& program, std::vector<Register>& registers) {
  std::vector<std::size_t> ends(at(program.sweeps));
  for (std::size_t i = 0; i < program.code.size(); ++i) {
    if (program.code[i].sweep != kAlone) ends[at(program.code[i].sweep)] = i;
  }
  for (std::size_t i = 0; i < program.code.size(); ++i) {
    const int sweep = program.code[i].sweep;
    each_register(program.code[i], [&](const Operand& operand, bool) {
      Register& named = registers[at(operand.index)];
      named.last_read = std::max(named.last_read, named.is_read_again_by(sweep) ? ends[at(sweep)] : i);
    });
  }
}

/// Numbers of one kind of register, given again once they are free.
class Pool {
 public:
  int take() {
    if (free_.empty()) return count_++;
    const int number = free_.back();
    free_.pop_back();
    return number;
  }
  void give_back(int number) { free_.push_back(number); }
  int count() const { return count_; }

 private:
  std::vector<int> free_;
  int count_ = 0;
};

}  // namespace

void assign_registers(Program& program, const std::vector<Index>& sizes) {
  std::vector<Register> registers = find_registers(program, sizes);
  find_last_reads(program, registers);
  Pool rows, blocks;
  std::vector<int> numbers(sizes.size(), -1);
  std::vector<std::vector<int>> ending(program.code.size());  // per instruction: the registers that are free behind it
  for (std::size_t i = 0; i < program.code.size(); ++i) {
    each_register(program.code[i], [&](Operand& operand, bool) {
      const Register& named = registers[at(operand.index)];
      int& number = numbers[at(operand.index)];
      if (number < 0) {
        number = named.is_block ? blocks.take() : rows.take();
        ending[named.last_read].push_back(operand.index);
      }
      operand = {named.is_block ? Where::kBlock : Where::kRegister, number, operand.offset};
    });
    Instruction& instruction = program.code[i];
    const bool fills_block = instruction.kind == Kind::kSpread && instruction.destination.where == Where::kBlock;
    if (fills_block) instruction.size = std::min(instruction.size, kernels::kMapBlock);
    for (const int name : ending[i]) (registers[at(name)].is_block ? blocks : rows).give_back(numbers[at(name)]);
  }
  program.registers = rows.count();
  program.blocks = blocks.count();
}

}  // namespace unfold::recurrence
