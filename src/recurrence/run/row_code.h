// A register program made ready to run on rows: its operands are places in one table of pointers, so that a row costs
// no more than setting the pointers of what is in memory.
#pragma once

#include <span>
#include <vector>

#include "recurrence/plan/plan.h"
#include "tensor/kernels/map.h"
#include "tensor/kernels/map_program.h"

namespace unfold::recurrence {

/// Rows of one value: row r is at first + r * stride.
struct RowPointer {
  float* first = nullptr;
  Index stride = 0;
};

/// Registers, constants and the table of pointers of a run. Kept from run to run, it allocates only to grow.
class RowScratch {
  friend class RowCode;
  Tensor values_;
  std::vector<float*> pointers_;  // of operands in memory, registers, constants
  std::vector<Index> ahead_;      // of operands in memory: elements to what is brought near, the next row; or 0
};

class RowCode {
 public:
  explicit RowCode(const Program& program);

  /// Makes room and writes the constants. A scratch serves the code it was last prepared for.
  void prepare(RowScratch& scratch) const;
  Index width() const { return width_; }
  /// Whether it goes over a row block by block, so that it may run on some of the columns alone.
  bool has_columns() const { return steps_.empty(); }

  /// Runs `rows` rows; `memory` has the program's memory operands, in their order.
  void run(std::span<const RowPointer> memory, Index rows, RowScratch& scratch) const {
    run(memory, rows, width_, scratch);
  }
  /// Only the first `width` columns of each row.
  void run(std::span<const RowPointer> memory, Index rows, Index width, RowScratch& scratch) const;

 private:
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

  Place place(const Operand& operand) const;
  /// `ahead`: of each operand in memory, elements to its next row; empty where nothing is brought near.
  void run_whole_rows(float* const* pointers, std::span<const Index> ahead) const;

  int memory_ = 0;  // operands in memory
  int registers_ = 0;
  std::vector<float> constants_;
  Index width_ = 0;                       // of a row
  Index register_size_ = 0;               // elements
  std::vector<kernels::MapStep> blocks_;  // of a program that goes over a row block by block, else empty
  std::vector<WholeRowStep> steps_;       // of any other
};

}  // namespace unfold::recurrence
