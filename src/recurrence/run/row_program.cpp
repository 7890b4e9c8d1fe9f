#include "recurrence/run/row_program.h"

#include <algorithm>

namespace unfold::recurrence {
namespace {

/// Elements of a register when a row may be done in pieces: a dozen registers of this size fill half of a 32 KB L1.
constexpr Index kChunk = 256;

/// Registers of one thread, kept between calls.
std::vector<float>& scratch(std::size_t size) {
  thread_local std::vector<float> memory;
  if (memory.size() < size) memory.resize(size);
  return memory;
}

}  // namespace

RowProgram::RowProgram(const Program& program, const Memory& memory) : program_(program), memory_(memory) {
  for (const ValueId id : program.memory) accesses_.push_back(memory.access(id));
  chunk_ = program.chunked ? std::min(program.width, kChunk) : program.width;
  chunk_ = (chunk_ + 15) / 16 * 16;
  for (const Instruction& instruction : program.code) kernels_.push_back(kernels::map_kernel(instruction.function));
}

void RowProgram::run(Index tick, Index first, Index last) const {
  const std::size_t registers = at(program_.registers * chunk_);
  std::vector<float>& memory = scratch(registers + program_.constants.size() * at(chunk_));
  float* constants = memory.data() + registers;
  for (std::size_t i = 0; i < program_.constants.size(); ++i) {
    std::fill_n(constants + i * at(chunk_), chunk_, static_cast<float>(program_.constants[i]));
  }
  std::vector<float*> rows(accesses_.size());
  for (Index position = first; position < last; ++position) {
    for (std::size_t i = 0; i < accesses_.size(); ++i) rows[i] = memory_.row(accesses_[i], tick, position);
    if (!program_.chunked) {
      run_row(rows.data(), memory.data(), constants, 0, program_.width);
      continue;
    }
    for (Index begin = 0; begin < program_.width; begin += chunk_) {
      run_row(rows.data(), memory.data(), constants, begin, std::min(chunk_, program_.width - begin));
    }
  }
}

void RowProgram::run_row(float* const* rows, float* registers, const float* constants, Index begin, Index count) const {
  const auto pointer = [&](const Operand& operand) -> float* {
    switch (operand.where) {
      case Operand::Where::kRegister: return registers + operand.index * chunk_ + operand.offset;
      case Operand::Where::kMemory: return rows[operand.index] + operand.offset + begin;
      case Operand::Where::kConstant: return const_cast<float*>(constants) + operand.index * chunk_;
      case Operand::Where::kNone: break;
    }
    return nullptr;
  };
  for (std::size_t i = 0; i < program_.code.size(); ++i) {
    const Instruction& instruction = program_.code[i];
    const Index size = program_.chunked ? count : instruction.size;
    float* destination = pointer(instruction.destination);
    const float* a = pointer(instruction.a);
    switch (instruction.kind) {
      case Instruction::Kind::kMap:
        kernels_[i](destination, a, pointer(instruction.b), pointer(instruction.c), size);
        break;
      case Instruction::Kind::kSum: destination[0] = kernels::row_sum(a, size); break;
      case Instruction::Kind::kRowMax: destination[0] = kernels::row_max(a, size); break;
      case Instruction::Kind::kSpread: std::fill_n(destination, size, a[0]); break;
      case Instruction::Kind::kCopy: std::copy_n(a, size, destination); break;
      case Instruction::Kind::kZero: std::fill_n(destination, size, 0.0F); break;
    }
  }
}

}  // namespace unfold::recurrence
