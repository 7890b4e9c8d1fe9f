#include "unfold/window.h"

#include <fmt/core.h>

#include "tape/operations/select_windows.h"
#include "unfold/error.h"

namespace unfold {
namespace {

// The row of a step that its sequence does not have: zeros.
constexpr Index kNoRow = -1;

void expect_rows(const Tape& tape, Variable x, const Unrolling& unrolling) {
  if (tape.shape(x).rank() == 2 && tape.shape(x)[0] == unrolling.rows()) return;
  throw ContractError(
      fmt::format("windows on {} expect [{}, F], the rows of the batch", tape.shape(x).text(), unrolling.rows()));
}

Index row_or_none(const Unrolling& unrolling, Index sequence, Index tick) {
  const bool exists = tick >= 0 && tick < unrolling.lengths()[static_cast<std::size_t>(sequence)];
  return exists ? unrolling.row(sequence, tick) : kNoRow;
}

}  // namespace

Variable steps_around(Tape& tape, Variable x, const Unrolling& unrolling, Index reach) {
  expect_rows(tape, x, unrolling);
  if (reach < 0) throw ContractError(fmt::format("a window reaches 0 steps or more, found {}", reach));
  const Index size = 2 * reach + 1;
  std::vector<Index> rows(static_cast<std::size_t>(unrolling.rows() * size));
  for (Index sequence = 0; sequence < unrolling.batch(); ++sequence) {
    for (Index tick = 0; tick < unrolling.lengths()[static_cast<std::size_t>(sequence)]; ++tick) {
      const Index window = unrolling.row(sequence, tick) * size;
      for (Index i = 0; i < size; ++i) {
        rows[static_cast<std::size_t>(window + i)] = row_or_none(unrolling, sequence, tick - reach + i);
      }
    }
  }
  return select_windows(tape, x, rows, size);
}

Variable first_steps(Tape& tape, Variable x, const Unrolling& unrolling, Index count) {
  expect_rows(tape, x, unrolling);
  if (count < 1) throw ContractError(fmt::format("a window has 1 step or more, found {}", count));
  std::vector<Index> rows;
  for (Index sequence = 0; sequence < unrolling.batch(); ++sequence) {
    for (Index tick = 0; tick < count; ++tick) rows.push_back(row_or_none(unrolling, sequence, tick));
  }
  return select_windows(tape, x, rows, count);
}

}  // namespace unfold
