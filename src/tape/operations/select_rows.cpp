// Rows of a sequence: the last step of each, the labelled ones, in any order.
#include <fmt/core.h>

#include <limits>

#include "tape/operations/tiles.h"
#include "tensor/kernels/rows.h"
#include "unfold/error.h"
#include "unfold/tape.h"

namespace unfold {

Variable select_rows(Tape& tape, Variable x, std::span<const Index> rows) {
  const Shape shape = tape.shape(x);
  if (shape.rank() != 2) throw ContractError(fmt::format("select_rows expects [N, F], found {}", shape.text()));
  std::vector<std::int32_t> chosen;
  for (const Index row : rows) {
    if (row < 0 || row >= shape[0] || row > std::numeric_limits<std::int32_t>::max()) {
      throw ContractError(fmt::format("select_rows of row {} of {}", row, shape[0]));
    }
    chosen.push_back(static_cast<std::int32_t>(row));
  }
  const Index width = shape[1];
  Tensor y = tape.take({static_cast<Index>(rows.size()), width});
  kernels::gather_rows(tape.value(x).data(), width, chosen, width, y.data(), width, false);
  return tape.record(std::move(y), {x}, [=, chosen = std::move(chosen)](Tape& back, const Tensor& dy) {
    // y_m = x_r(m):  dx_n = sum of dy_m over the m with r(m) = n
    Tensor dx = back.take(shape);
    dx.fill(0);
    kernels::scatter_add_rows(dy.data(), width, chosen, width, dx.data(), width, shape[0]);
    back.add_gradient(x, std::move(dx));
  });
}

}  // namespace unfold
