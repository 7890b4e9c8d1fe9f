// Sum and mean of all elements.
#include "unfold/error.h"
#include "unfold/tape.h"

namespace unfold {

namespace {

/// factor * sum of x, added in double in the order of the elements.
Variable scaled_sum(Tape& tape, Variable x, double factor) {
  double total = 0;
  for (const float element : tape.value(x).values()) total += element;
  Tensor y = Tensor::uninitialised(Shape{});
  y[0] = static_cast<float>(factor * total);
  return tape.record(std::move(y), {x}, [=](Tape& back, const Tensor& dy) {
    // y = k (x_1 + x_2 + ...):  dx_i = k dy
    Tensor dx = Tensor::uninitialised(back.shape(x));
    dx.fill(static_cast<float>(factor * dy[0]));
    back.add_gradient(x, std::move(dx));
  });
}

}  // namespace

Variable sum(Tape& tape, Variable x) { return scaled_sum(tape, x, 1.0); }

Variable mean(Tape& tape, Variable x) {
  const Index count = tape.value(x).count();
  if (count == 0) throw ContractError("the mean of no elements is not defined");
  return scaled_sum(tape, x, 1.0 / static_cast<double>(count));
}

}  // namespace unfold
