#include "recurrence/run/row_code.h"

#include <algorithm>
#include <limits>

namespace unfold::recurrence {
namespace {

constexpr Index kAlignment = 16;  // floats of a cache line

/// To the next row of operand i, unless another operand brings the same one near.
Index distance_ahead(std::span<const RowPointer> memory, std::size_t i) {
  for (const RowPointer& earlier : memory.first(i)) {
    if (earlier.first == memory[i].first) return 0;
  }
  return memory[i].stride;
}

}  // namespace

RowCode::RowCode(const Program& program)
    : memory_(static_cast<int>(program.memory.size())), registers_(program.registers), width_(program.width) {
  for (const double number : program.constants) constants_.push_back(static_cast<float>(number));
  const std::size_t operands = program.memory.size() + at(registers_) + constants_.size();
  const bool by_blocks = program.chunked && operands <= std::numeric_limits<std::uint16_t>::max();
  register_size_ = by_blocks ? kernels::kMapBlock : (width_ + kAlignment - 1) / kAlignment * kAlignment;
  for (const Instruction& instruction : program.code) {
    const Place destination = place(instruction.destination);
    const Place a = place(instruction.a), b = place(instruction.b), c = place(instruction.c);
    if (by_blocks) {
      const auto number = [](const Place& operand) { return static_cast<std::uint16_t>(operand.pointer); };
      blocks_.push_back({instruction.function, number(destination), number(a), number(b), number(c)});
    } else {
      steps_.push_back(
          {instruction.kind, kernels::map_kernel(instruction.function), destination, a, b, c, instruction.size});
    }
  }
}

RowCode::Place RowCode::place(const Operand& operand) const {
  switch (operand.where) {
    case Operand::Where::kMemory: return {operand.index, operand.offset};
    case Operand::Where::kRegister: return {memory_ + operand.index, operand.offset};
    case Operand::Where::kConstant: return {memory_ + registers_ + operand.index, 0};
    case Operand::Where::kNone: break;
  }
  return {};
}

void RowCode::prepare(RowScratch& scratch) const {
  const Index count = (registers_ + static_cast<Index>(constants_.size())) * register_size_;
  if (scratch.values_.count() < count) scratch.values_ = Tensor({count});
  scratch.pointers_.resize(at(memory_ + registers_) + constants_.size());
  scratch.ahead_.resize(at(memory_));
  float* next = scratch.values_.data();
  for (std::size_t i = at(memory_); i < scratch.pointers_.size(); ++i, next += register_size_) {
    scratch.pointers_[i] = next;
    const std::size_t operand = i - at(memory_);
    if (operand >= at(registers_)) std::fill_n(next, register_size_, constants_[operand - at(registers_)]);
  }
}

void RowCode::run(std::span<const RowPointer> memory, Index rows, Index width, RowScratch& scratch) const {
  float** pointers = scratch.pointers_.data();
  for (std::size_t i = 0; i < memory.size() && rows > 1; ++i) scratch.ahead_[i] = distance_ahead(memory, i);
  for (Index row = 0; row < rows; ++row) {
    for (std::size_t i = 0; i < memory.size(); ++i) pointers[i] = memory[i].first + row * memory[i].stride;
    // Behind a tick's last row lies the first of the next.
    const std::span<const Index> ahead = rows > 1 ? scratch.ahead_ : std::span<const Index>();
    if (steps_.empty())
      kernels::run_map_program(blocks_, pointers, memory_, ahead, width);
    else
      run_whole_rows(pointers, ahead);
  }
}

void RowCode::run_whole_rows(float* const* pointers, std::span<const Index> ahead) const {
  std::size_t next = 0;  // operand whose next row is brought near, one with each step
  const auto pointer = [&](const Place& place) { return pointers[place.pointer] + place.offset; };
  for (const WholeRowStep& step : steps_) {
    if (next < ahead.size()) {
      kernels::bring_near(pointers[next] + ahead[next], std::min(width_, ahead[next]));
      ++next;
    }
    float* destination = pointer(step.destination);
    const float* a = pointer(step.a);
    switch (step.kind) {
      case Instruction::Kind::kMap: step.map(destination, a, pointer(step.b), pointer(step.c), step.size); break;
      case Instruction::Kind::kSum: destination[0] = kernels::row_sum(a, step.size); break;
      case Instruction::Kind::kRowMax: destination[0] = kernels::row_max(a, step.size); break;
      case Instruction::Kind::kSpread: std::fill_n(destination, step.size, a[0]); break;
      case Instruction::Kind::kCopy: std::copy_n(a, step.size, destination); break;
      case Instruction::Kind::kZero: std::fill_n(destination, step.size, 0.0F); break;
    }
  }
}

}  // namespace unfold::recurrence
