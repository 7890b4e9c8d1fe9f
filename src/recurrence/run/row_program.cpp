#include "recurrence/run/row_program.h"

#include <algorithm>

namespace unfold::recurrence {

RowProgram::RowProgram(const Program& program, const Memory& memory, bool backwards)
    : code_(program), per_tick_(program.per_tick), backwards_(backwards), memory_(memory) {
  for (const ValueId id : program.memory) accesses_.push_back(memory.access(id));
}

void RowProgram::run(Index tick, Index first, Index last) const { run_columns(tick, first, last, {0, code_.width()}); }

void RowProgram::run_columns(Index tick, Index first, Index last, kernels::Columns columns) const {
  if (per_tick_) last = std::min(last, first == 0 ? Index{1} : first);
  if (last <= first || columns.last <= columns.first) return;
  thread_local RowScratch scratch;
  thread_local std::vector<RowPointer> rows;
  rows.clear();
  const Unrolling& unrolling = memory_.unrolling();
  const Index then = backwards_ ? tick - 1 : tick + 1;
  const bool has_then = then >= 0 && then < unrolling.steps() && first < unrolling.rows_at(then);
  // Rows of a tick lie one after another, whatever the kind of access.
  for (const Access& access : accesses_) {
    if (access.kind == Access::Kind::kToken) {
      const std::int32_t* tokens = access.tokens + unrolling.start(tick) + first;
      rows.push_back({access.base + columns.first, access.stride, tokens});
    } else {
      const float* follows = has_then ? memory_.row(access, then, first) + columns.first : nullptr;
      rows.push_back({memory_.row(access, tick, first) + columns.first, access.stride, nullptr, follows});
    }
  }
  code_.prepare(scratch);
  code_.run(rows, last - first, columns.last - columns.first, scratch);
}

}  // namespace unfold::recurrence
