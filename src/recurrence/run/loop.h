// The loop over ticks of one pass, and how threads share it. However they do, each number is computed from the same
// numbers in the same order.
#pragma once

#include <span>
#include <vector>

#include "recurrence/plan/plan.h"
#include "recurrence/run/memory.h"
#include "recurrence/run/row_program.h"
#include "recurrence/run/weights.h"
#include "tensor/kernels/gemm.h"

namespace unfold {
class Member;
}

namespace unfold::recurrence {

/// How threads share a loop.
enum class LoopSplit : std::uint8_t {
  kAlone,    // one thread takes all rows through all ticks
  kRows,     // each thread takes its rows through all ticks, and waits for nobody
  kColumns,  // each thread computes its units of all rows, and waits for the others before every product
};

class Loop {
 public:
  Loop(const Plan& plan, const Weights& weights, const std::vector<Step>& steps, Memory& memory, bool backwards);

  void run(LoopSplit split) const;

  /// Whether columns are worth a try: products have some for two threads, and rows are few for each or read one
  /// another. With as many rows as that, waiting twice a tick was measured to cost more than longer products gain.
  bool may_gain_by_columns() const;

 private:
  /// What a member of several does of a step.
  struct Share {
    bool waits_before = false;              // for what other members compute, or still read
    std::vector<kernels::Columns> columns;  // of a product, or of a program that is done by units; else empty
  };

  Index tick(Index i) const { return backwards_ ? memory_.unrolling().steps() - 1 - i : i; }
  void run_rows(Index begin, Index end) const;
  void run_columns(const Member& member) const;
  void run_share(std::size_t number, const Share& share, Index tick, const Member& member) const;
  std::vector<Share> shares(const Member& member) const;
  bool is_by_units(std::size_t number) const;
  bool waits_before(std::size_t number) const;
  bool overwrites(const Step& program, const Step& product, bool in_the_next_tick) const;

  const Plan& plan_;
  const Weights& weights_;
  const std::vector<Step>& steps_;
  Memory& memory_;
  bool backwards_;
  std::vector<RowProgram> programs_;     // of the steps that are programs, in their order
  std::vector<std::size_t> program_of_;  // per step
};

/// Rows of a tile of the elementwise programs: about 32, and at least two tiles where the batch has 8 rows or more; all
/// rows where they read one another.
Index tile_rows(const Plan& plan, Index batch);

}  // namespace unfold::recurrence
