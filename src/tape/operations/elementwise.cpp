// Sum and product of two variables.
#include "tape/operations/elementwise.h"

#include <fmt/core.h>

#include "tape/operations/tiles.h"
#include "unfold/error.h"
#include "unfold/tape.h"

namespace unfold {

void map_elements(kernels::Function function, Tensor& result, const Tensor& a, const Tensor& b) {
  const kernels::MapKernel kernel = kernels::map_kernel(function);
  for_tiles(result.count(), kElementsPerTile, [&](Index begin, Index end) {
    kernel(result.data() + begin, a.data() + begin, b.data() + begin, nullptr, end - begin);
  });
}

void expect_same_shape(const char* operation, const Shape& a, const Shape& b) {
  if (a != b)
    throw ContractError(fmt::format("{} of shapes {} and {}; they must agree", operation, a.text(), b.text()));
}

Variable add(Tape& tape, Variable a, Variable b) {
  expect_same_shape("add", tape.shape(a), tape.shape(b));
  Tensor y = tape.take(tape.shape(a));
  map_elements(kernels::Function::kAdd, y, tape.value(a), tape.value(b));
  return tape.record(std::move(y), {a, b}, [=](Tape& back, Tensor dy) {
    // y = a + b:  da = dy,  db = dy
    if (back.needs_gradient(a)) {
      Tensor da = back.take(dy.shape());
      std::copy(dy.values().begin(), dy.values().end(), da.data());
      back.add_gradient(a, std::move(da));
    }
    back.add_gradient(b, std::move(dy));
  });
}

Variable multiply(Tape& tape, Variable a, Variable b) {
  expect_same_shape("multiply", tape.shape(a), tape.shape(b));
  Tensor y = tape.take(tape.shape(a));
  map_elements(kernels::Function::kMultiply, y, tape.value(a), tape.value(b));
  return tape.record(std::move(y), {a, b}, [=](Tape& back, Tensor dy) {
    // y = a * b:  da = dy * b,  db = dy * a
    if (back.needs_gradient(a)) {
      Tensor da = back.take(dy.shape());
      map_elements(kernels::Function::kMultiply, da, dy, back.value(b));
      back.add_gradient(a, std::move(da));
    }
    if (back.needs_gradient(b)) {
      map_elements(kernels::Function::kMultiply, dy, dy, back.value(a));
      back.add_gradient(b, std::move(dy));
    }
  });
}

}  // namespace unfold
