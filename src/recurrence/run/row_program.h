// Runs a register program over rows: each instruction is one call of an elementwise kernel on values that stay in L1.
#pragma once

#include "recurrence/run/memory.h"
#include "tensor/kernels/map.h"

namespace unfold::recurrence {

/// A program bound to the memory of a run. `run` may be called by several threads at once, for different rows.
class RowProgram {
 public:
  RowProgram(const Program& program, const Memory& memory);

  /// Rows [first, last) of tick `tick`.
  void run(Index tick, Index first, Index last) const;

 private:
  void run_row(float* const* rows, float* registers, const float* constants, Index begin, Index count) const;

  const Program& program_;
  const Memory& memory_;
  std::vector<Access> accesses_;             // of the program's memory operands
  std::vector<kernels::MapKernel> kernels_;  // per instruction
  Index chunk_;                              // elements of a register
};

}  // namespace unfold::recurrence
