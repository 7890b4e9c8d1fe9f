// Concatenation of columns, and some of the columns.
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
  Tensor y = Tensor::uninitialised({rows, columns});
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
        Tensor dpart = Tensor::uninitialised({rows, width});
        copy_columns(dy.data() + begin, columns, dpart.data(), width, rows, width);
        back.add_gradient(part, std::move(dpart));
      }
      begin += width;
    }
  });
}

Variable columns(Tape& tape, Variable x, Index begin, Index end) {
  const Shape shape = tape.shape(x);
  if (shape.rank() != 2 || begin < 0 || begin >= end || end > shape[1]) {
    throw ContractError(fmt::format("columns {} to {} of {} do not exist", begin, end, shape.text()));
  }
  const Index rows = shape[0];
  const Index width = end - begin;
  Tensor y = Tensor::uninitialised({rows, width});
  copy_columns(tape.value(x).data() + begin, shape[1], y.data(), width, rows, width);
  return tape.record(std::move(y), {x}, [=](Tape& back, const Tensor& dy) {
    // The columns of dx = dy; the others are 0
    Tensor dx(shape);
    copy_columns(dy.data(), width, dx.data() + begin, shape[1], rows, width);
    back.add_gradient(x, std::move(dx));
  });
}

}  // namespace unfold
