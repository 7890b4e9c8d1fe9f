// Rows of a sequence: the last step of each, the labelled ones, in any order; windows of several side by side.
#include <fmt/core.h>

#include <algorithm>
#include <limits>

#include "tape/operations/select_windows.h"
#include "tensor/kernels/rows.h"
#include "unfold/error.h"
#include "unfold/tape.h"

namespace unfold {
namespace {

/// As tokens, which is what rows are to the kernels.
std::vector<std::int32_t> checked(std::span<const Index> rows, Index count) {
  std::vector<std::int32_t> chosen;
  chosen.reserve(rows.size());
  for (const Index row : rows) {
    if (row < -1 || row >= count || row > std::numeric_limits<std::int32_t>::max()) {
      throw ContractError(fmt::format("row {} of {} does not exist", row, count));
    }
    chosen.push_back(static_cast<std::int32_t>(row));
  }
  return chosen;
}

}  // namespace

Variable select_rows(Tape& tape, Variable x, std::span<const Index> rows) {
  if (std::ranges::find(rows, -1) != rows.end()) throw ContractError("select_rows of row -1, which does not exist");
  return select_windows(tape, x, rows, 1);
}

Variable select_windows(Tape& tape, Variable x, std::span<const Index> rows, Index size) {
  const Shape shape = tape.shape(x);
  const auto count = static_cast<Index>(rows.size());
  if (shape.rank() != 2 || size < 1 || count % size != 0) {
    throw ContractError(fmt::format("windows of {} of {} rows of {}; expected whole windows of rows [N, F]", size,
                                    count, shape.text()));
  }
  std::vector<std::int32_t> chosen = checked(rows, shape[0]);
  const Index width = shape[1];
  Tensor y = Tensor::uninitialised({count / size, size * width});
  kernels::gather_rows(tape.value(x).data(), width, chosen, width, y.data(), width, false);
  return tape.record(std::move(y), {x}, [=, chosen = std::move(chosen)](Tape& back, const Tensor& dy) {
    // y_m = x_r(m):  dx_n = sum of dy_m over the m with r(m) = n
    Tensor dx(shape);
    kernels::scatter_add_rows(dy.data(), width, chosen, width, dx.data(), width, shape[0]);
    back.add_gradient(x, std::move(dx));
  });
}

}  // namespace unfold
