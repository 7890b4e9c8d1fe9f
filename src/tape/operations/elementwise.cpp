// Sum, difference and product of two variables, and a variable times a number.
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
  Tensor y = Tensor::uninitialised(tape.shape(a));
  map_elements(kernels::Function::kAdd, y, tape.value(a), tape.value(b));
  return tape.record(std::move(y), {a, b}, [=](Tape& back, Tensor dy) {
    // y = a + b:  da = dy,  db = dy
    if (back.needs_gradient(a)) {
      Tensor da = Tensor::uninitialised(dy.shape());
      std::copy(dy.values().begin(), dy.values().end(), da.data());
      back.add_gradient(a, std::move(da));
    }
    back.add_gradient(b, std::move(dy));
  });
}

Variable subtract(Tape& tape, Variable a, Variable b) {
  expect_same_shape("subtract", tape.shape(a), tape.shape(b));
  Tensor y = Tensor::uninitialised(tape.shape(a));
  map_elements(kernels::Function::kSubtract, y, tape.value(a), tape.value(b));
  return tape.record(std::move(y), {a, b}, [=](Tape& back, Tensor dy) {
    // y = a - b:  da = dy,  db = -dy
    if (back.needs_gradient(b)) {
      Tensor db = Tensor::uninitialised(dy.shape());
      for_tiles(db.count(), kElementsPerTile, [&](Index begin, Index end) {
        for (Index i = begin; i < end; ++i) db[i] = -dy[i];
      });
      back.add_gradient(b, std::move(db));
    }
    back.add_gradient(a, std::move(dy));
  });
}

Variable scale(Tape& tape, Variable x, double factor) {
  const auto multiplied = [factor](const Tensor& from, Tensor& to) {
    for (Index i = 0; i < to.count(); ++i) to[i] = static_cast<float>(factor) * from[i];
  };
  Tensor y = Tensor::uninitialised(tape.shape(x));
  multiplied(tape.value(x), y);
  return tape.record(std::move(y), {x}, [=](Tape& back, Tensor dy) {
    // y = k x:  dx = k dy
    multiplied(dy, dy);
    back.add_gradient(x, std::move(dy));
  });
}

Variable multiply(Tape& tape, Variable a, Variable b) {
  expect_same_shape("multiply", tape.shape(a), tape.shape(b));
  Tensor y = Tensor::uninitialised(tape.shape(a));
  map_elements(kernels::Function::kMultiply, y, tape.value(a), tape.value(b));
  return tape.record(std::move(y), {a, b}, [=](Tape& back, Tensor dy) {
    // y = a * b:  da = dy * b,  db = dy * a
    if (back.needs_gradient(a)) {
      Tensor da = Tensor::uninitialised(dy.shape());
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
