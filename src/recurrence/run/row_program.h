// A register program bound to the memory of a run: for every tick the rows of a tile.
#pragma once

#include "recurrence/run/memory.h"
#include "recurrence/run/row_code.h"
#include "tensor/kernels/gemm.h"

namespace unfold::recurrence {

/// `run` may be called by several threads at once, for different rows.
class RowProgram {
 public:
  /// Its ticks will come one after another, or one before another.
  RowProgram(const Program& program, const Memory& memory, bool backwards = false);

  /// Rows [first, last) of tick `tick`; of a program per tick the first row alone, if it is among them.
  void run(Index tick, Index first, Index last) const;

  /// Whether some columns can be computed without the others; of every value it reads and writes the same ones.
  bool has_columns() const { return code_.has_columns(); }
  Index width() const { return code_.width(); }
  /// The same rows, these columns alone.
  void run_columns(Index tick, Index first, Index last, kernels::Columns columns) const;

 private:
  RowCode code_;
  bool per_tick_;
  bool backwards_;
  const Memory& memory_;
  std::vector<Access> accesses_;  // of the program's memory operands
};

}  // namespace unfold::recurrence
