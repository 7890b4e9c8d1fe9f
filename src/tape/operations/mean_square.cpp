// The mean of squares, as activation regularisation needs it (Merity, McCann and Socher 2017).
#include "tape/operations/tiles.h"
#include "tensor/kernels/map.h"
#include "unfold/tape.h"

namespace unfold {

Variable mean_square(Tape& tape, Variable x) {
  const Tensor& value = tape.value(x);
  const double factor = value.count() == 0 ? 0.0 : 1.0 / static_cast<double>(value.count());
  Tensor y = Tensor::uninitialised(Shape{});
  y[0] = static_cast<float>(factor * kernels::squared_norm(value.data(), value.count()));
  return tape.record(std::move(y), {x}, [=](Tape& back, const Tensor& dy) {
    // y = (x_1^2 + x_2^2 + ...) / n:  dx_i = 2 dy / n x_i
    const Tensor& here = back.value(x);
    Tensor dx = Tensor::uninitialised(here.shape());
    const auto slope = static_cast<float>(2 * factor * dy[0]);
    for_tiles(dx.count(), kElementsPerTile, [&](Index begin, Index end) {
      for (Index i = begin; i < end; ++i) dx[i] = slope * here[i];
    });
    back.add_gradient(x, std::move(dx));
  });
}

}  // namespace unfold
