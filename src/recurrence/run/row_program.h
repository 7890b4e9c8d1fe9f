// A register program bound to the memory of a run: for every tick the rows of a tile.
#pragma once

#include "recurrence/run/memory.h"
#include "recurrence/run/row_code.h"

namespace unfold::recurrence {

/// `run` may be called by several threads at once, for different rows.
class RowProgram {
 public:
  RowProgram(const Program& program, const Memory& memory);

  /// Rows [first, last) of tick `tick`; of a program per tick the first row alone, if it is among them.
  void run(Index tick, Index first, Index last) const;

 private:
  RowCode code_;
  bool per_tick_;
  const Memory& memory_;
  std::vector<Access> accesses_;  // of the program's memory operands
};

}  // namespace unfold::recurrence
