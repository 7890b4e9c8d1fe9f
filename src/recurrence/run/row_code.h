// A register program made ready to run on rows: its operands are places in one table of pointers, so that a row costs
// no more than setting the pointers of what is in memory.
#pragma once

#include <span>
#include <vector>

#include "recurrence/plan/plan.h"
#include "tensor/kernels/map.h"
#include "tensor/kernels/map_program.h"

namespace unfold::recurrence {

/// Rows of one value: row r is at first + r * stride; with tokens, at first + tokens[r] * stride.
struct RowPointer {
  float* first = nullptr;
  Index stride = 0;
  const std::int32_t* tokens = nullptr;
  const float* then = nullptr;  // the row that will be asked for behind the last one, or null

  float* row(Index r) const { return first + (tokens == nullptr ? r : Index{tokens[r]}) * stride; }
};

/// Registers, constants and the table of pointers of a run. Kept from run to run, it allocates only to grow.
class RowScratch {
  friend class RowCode;
  Tensor values_;
  std::vector<float*> pointers_;         // of operands in memory, registers, blocks, constants
  std::vector<float*> moving_;           // the same, in a sweep
  std::vector<kernels::Ahead> ahead_;    // of one sweep after another: what it brings near
  std::vector<std::size_t> ahead_ends_;  // of the sweeps, in that list
};

class RowCode {
 public:
  explicit RowCode(const Program& program);

  /// Makes room and writes the constants. A scratch serves the code it was last prepared for.
  void prepare(RowScratch& scratch) const;
  Index width() const { return width_; }
  /// Whether it goes over a row once, block by block, so that it may run on some of the columns alone.
  bool has_columns() const { return is_one_sweep_; }

  /// Runs `rows` rows; `memory` has the program's memory operands, in their order.
  void run(std::span<const RowPointer> memory, Index rows, RowScratch& scratch) const {
    run(memory, rows, width_, scratch);
  }
  /// Only the first `width` columns of each row, of code that has columns.
  void run(std::span<const RowPointer> memory, Index rows, Index width, RowScratch& scratch) const;

 private:
  /// Elementwise steps that go over a row together.
  struct Sweep {
    std::vector<kernels::MapStep> steps;
    Index size;
    std::vector<int> brings_near;  // operands in memory whose next rows it brings near
  };
  /// An operand: its place in the table, and where in what that points to.
  struct Place {
    int pointer = 0;
    Index offset = 0;
  };
  struct WholeRowStep {
    Instruction::Kind kind;
    kernels::MapKernel map;
    Place destination, a, b, c;
    Index size;
  };
  /// A sweep, or a step by itself.
  struct Part {
    int sweep = -1;
    WholeRowStep step = {};
  };

  Place place(const Operand& operand) const;
  kernels::MapStep map_step(const Instruction& instruction) const;
  WholeRowStep whole_row_step(const Instruction& instruction) const;
  void add_to_sweep(const Instruction& instruction);
  void find_what_to_bring_near(const Program& program);

  /// From `row`, of which another one of `rows` follows unless it is the last.
  void look_ahead(std::span<const RowPointer> memory, Index row, Index rows, RowScratch& scratch) const;
  void run_row(RowScratch& scratch, bool looks_ahead) const;
  void run_whole_row(const WholeRowStep& step, float* const* pointers) const;

  int memory_ = 0;  // operands in memory
  int registers_ = 0;
  int blocks_ = 0;
  std::vector<float> constants_;
  Index width_ = 0;          // of a row
  Index register_size_ = 0;  // elements
  Index constant_size_ = 0;
  bool is_one_sweep_ = false;
  kernels::MapProgram run_sweep_;
  kernels::RowReductions reductions_;
  std::vector<Sweep> sweeps_;
  std::vector<Part> parts_;
};

}  // namespace unfold::recurrence
