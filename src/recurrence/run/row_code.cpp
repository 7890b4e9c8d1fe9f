#include "recurrence/run/row_code.h"

#include <algorithm>

namespace unfold::recurrence {
namespace {

constexpr Index kAlignment = 16;  // floats of a cache line

/// From a row of operand i to the one that follows, unless another operand brings the same one near, or it is any row
/// of a small table.
Index distance_ahead(std::span<const RowPointer> memory, std::size_t i, Index row, bool is_last) {
  const RowPointer& operand = memory[i];
  if (operand.tokens != nullptr) return 0;
  for (const RowPointer& earlier : memory.first(i)) {
    if (earlier.first == operand.first) return 0;
  }
  if (!is_last) return operand.stride;
  return operand.then == nullptr ? 0 : operand.then - operand.row(row);
}

}  // namespace

RowCode::RowCode(const Program& program)
    : memory_(static_cast<int>(program.memory.size())),
      registers_(program.registers),
      blocks_(program.blocks),
      width_(program.width),
      register_size_((width_ + kAlignment - 1) / kAlignment * kAlignment),
      constant_size_(kernels::kMapBlock),
      is_one_sweep_(program.is_one_sweep),
      run_sweep_(kernels::map_program()),
      reductions_(kernels::row_reductions()) {
  for (const double number : program.constants) constants_.push_back(static_cast<float>(number));
  for (const Instruction& instruction : program.code) {
    if (instruction.sweep < 0) {
      parts_.push_back({.step = whole_row_step(instruction)});
      if (instruction.kind == Instruction::Kind::kMap) constant_size_ = std::max(constant_size_, instruction.size);
    } else {
      add_to_sweep(instruction);
    }
  }
  find_what_to_bring_near(program);
}

void RowCode::add_to_sweep(const Instruction& instruction) {
  if (at(instruction.sweep) == sweeps_.size()) {
    parts_.push_back({.sweep = instruction.sweep});
    sweeps_.push_back({.steps = {}, .size = instruction.size, .brings_near = {}});
  }
  sweeps_.back().steps.push_back(map_step(instruction));
}

/// The next row of each operand in memory, in the first sweep that names it.
void RowCode::find_what_to_bring_near(const Program& program) {
  std::vector<char> is_listed(program.memory.size(), 0);
  for (const Instruction& instruction : program.code) {
    if (instruction.sweep < 0) continue;
    for (const Operand* operand : {&instruction.a, &instruction.b, &instruction.c, &instruction.destination}) {
      if (operand->where != Operand::Where::kMemory || is_listed[at(operand->index)] != 0) continue;
      is_listed[at(operand->index)] = 1;
      sweeps_[at(instruction.sweep)].brings_near.push_back(operand->index);
    }
  }
}

RowCode::Place RowCode::place(const Operand& operand) const {
  switch (operand.where) {
    case Operand::Where::kMemory: return {operand.index, operand.offset};
    case Operand::Where::kRegister: return {memory_ + operand.index, operand.offset};
    case Operand::Where::kBlock: return {memory_ + registers_ + operand.index, operand.offset};
    case Operand::Where::kConstant: return {memory_ + registers_ + blocks_ + operand.index, 0};
    case Operand::Where::kNone: break;
  }
  return {};
}

kernels::MapStep RowCode::map_step(const Instruction& instruction) const {
  const auto number = [this](const Operand& operand) { return static_cast<std::uint32_t>(place(operand).pointer); };
  return {instruction.function, number(instruction.destination), number(instruction.a), number(instruction.b),
          number(instruction.c)};
}

RowCode::WholeRowStep RowCode::whole_row_step(const Instruction& instruction) const {
  return {instruction.kind,
          kernels::map_kernel(instruction.function),
          place(instruction.destination),
          place(instruction.a),
          place(instruction.b),
          place(instruction.c),
          instruction.size};
}

void RowCode::prepare(RowScratch& scratch) const {
  const auto constants = static_cast<Index>(constants_.size());
  const Index count = registers_ * register_size_ + blocks_ * kernels::kMapBlock + constants * constant_size_;
  if (scratch.values_.count() < count) scratch.values_ = Tensor({count});
  scratch.pointers_.resize(at(memory_));
  float* next = scratch.values_.data();
  const auto add = [&](Index number, Index size) {
    for (Index i = 0; i < number; ++i, next += size) scratch.pointers_.push_back(next);
  };
  add(registers_, register_size_);
  add(blocks_, kernels::kMapBlock);
  float* constant = next;
  add(constants, constant_size_);
  for (const float value : constants_) constant = std::fill_n(constant, constant_size_, value);
  scratch.moving_ = scratch.pointers_;
}

void RowCode::run(std::span<const RowPointer> memory, Index rows, Index width, RowScratch& scratch) const {
  for (Index row = 0; row < rows; ++row) {
    if (rows > 1 && (row == 0 || row == rows - 1)) look_ahead(memory, row, rows, scratch);
    float** pointers = scratch.pointers_.data();
    for (std::size_t i = 0; i < memory.size(); ++i) pointers[i] = memory[i].row(row);
    if (is_one_sweep_) {
      const std::span<const kernels::Ahead> ahead = rows > 1 ? scratch.ahead_ : std::span<const kernels::Ahead>();
      run_sweep_(sweeps_[0].steps, pointers, memory_, ahead, width);
    } else {
      run_row(scratch, rows > 1);
    }
  }
}

void RowCode::look_ahead(std::span<const RowPointer> memory, Index row, Index rows, RowScratch& scratch) const {
  scratch.ahead_.clear();
  scratch.ahead_ends_.clear();
  for (const Sweep& sweep : sweeps_) {
    for (const int operand : sweep.brings_near) {
      const Index distance = distance_ahead(memory, at(operand), row, row == rows - 1);
      if (distance != 0) scratch.ahead_.push_back({static_cast<std::uint32_t>(operand), distance});
    }
    scratch.ahead_ends_.push_back(scratch.ahead_.size());
  }
}

void RowCode::run_row(RowScratch& scratch, bool looks_ahead) const {
  const Index rows = memory_ + registers_;
  std::size_t ahead_begin = 0;
  for (const Part& part : parts_) {
    if (part.sweep < 0) {
      run_whole_row(part.step, scratch.pointers_.data());
      continue;
    }
    std::span<const kernels::Ahead> ahead;
    if (looks_ahead) {
      const std::size_t end = scratch.ahead_ends_[at(part.sweep)];
      ahead = std::span(scratch.ahead_).subspan(ahead_begin, end - ahead_begin);
      ahead_begin = end;
    }
    const Sweep& sweep = sweeps_[at(part.sweep)];
    const bool moves = sweep.size > kernels::kMapBlock;
    if (moves) std::copy_n(scratch.pointers_.begin(), rows, scratch.moving_.begin());
    run_sweep_(sweep.steps, (moves ? scratch.moving_ : scratch.pointers_).data(), rows, ahead, sweep.size);
  }
}

void RowCode::run_whole_row(const WholeRowStep& step, float* const* pointers) const {
  const auto pointer = [&](const Place& place) { return pointers[at(place.pointer)] + place.offset; };
  float* const destination = pointer(step.destination);
  const float* const a = pointer(step.a);
  switch (step.kind) {
    case Instruction::Kind::kMap: return step.map(destination, a, pointer(step.b), pointer(step.c), step.size);
    case Instruction::Kind::kSum: *destination = reductions_.sum(a, step.size); return;
    case Instruction::Kind::kDot: *destination = reductions_.dot(a, pointer(step.b), step.size); return;
    case Instruction::Kind::kRowMax: *destination = reductions_.max(a, step.size); return;
    case Instruction::Kind::kSpread: std::fill_n(destination, step.size, a[0]); return;
    case Instruction::Kind::kCopy: std::copy_n(a, step.size, destination); return;
    case Instruction::Kind::kZero: std::fill_n(destination, step.size, 0.0F); return;
  }
}

}  // namespace unfold::recurrence
