// Concatenation of columns.
#include <fmt/core.h>

#include <algorithm>

#include "tape/operations/tiles.h"
#include "unfold/error.h"
#include "unfold/tape.h"

namespace unfold {

namespace {

/// Copies a block of [rows, columns] between arrays with their own distances between rows.
void copy_columns(const float* from, Index from_stride, float* to, Index to_stride, Index rows, Index columns) {
  for_tiles(rows, kRowsPerTile, [&](Index begin, Index end) {
    for (Index row = begin; row < end; ++row) {
      std::copy_n(from + row * from_stride, columns, to + row * to_stride);
    }
  });
}

}  // namespace

Variable concatenate(Tape& tape, std::span<const Variable> parts) {
  if (parts.empty()) throw ContractError("concatenate needs at least one part");
  const Index rows = tape.shape(parts[0])[0];
  Index columns = 0;
  for (const Variable part : parts) {
    const Shape& shape = tape.shape(part);
    if (shape.rank() != 2 || shape[0] != rows) {
      throw ContractError(fmt::format("concatenate expects parts of shape [{}, F], found {}", rows, shape.text()));
    }
    columns += shape[1];
  }
  Tensor y = tape.take({rows, columns});
  Index first = 0;
  for (const Variable part : parts) {
    const Index width = tape.shape(part)[1];
    copy_columns(tape.value(part).data(), width, y.data() + first, columns, rows, width);
    first += width;
  }
  const std::vector<Variable> operands(parts.begin(), parts.end());
  return tape.record(std::move(y), parts, [=](Tape& back, const Tensor& dy) {
    // y = [a, b, ...]:  da, db, ... = the columns of dy
    Index begin = 0;
    for (const Variable part : operands) {
      const Index width = back.shape(part)[1];
      if (back.needs_gradient(part)) {
        Tensor dpart = back.take({rows, width});
        copy_columns(dy.data() + begin, columns, dpart.data(), width, rows, width);
        back.add_gradient(part, std::move(dpart));
      }
      begin += width;
    }
  });
}

}  // namespace unfold
