// Losses against targets that are vectors of numbers: squared error, and cross-entropy of independent bits.
#include <fmt/core.h>

#include <cmath>

#include "tape/operations/elementwise.h"
#include "unfold/error.h"
#include "unfold/tape.h"

namespace unfold {
namespace {

/// A loss that is a sum over elements, divided by the number of rows, and the derivative of each element's part. A
/// target that is missing, NaN, has no part.
template <class Part, class Slope>
Variable mean_over_rows(Tape& tape, const char* operation, Variable x, const Tensor& targets, Part part, Slope slope) {
  expect_same_shape(operation, tape.shape(x), targets.shape());
  const Index rows = targets.shape().rank() == 2 ? targets.shape()[0] : 0;
  if (rows == 0) {
    throw ContractError(
        fmt::format("{} expects [N, F] with at least one row, found {}", operation, targets.shape().text()));
  }
  const Tensor& value = tape.value(x);
  double total = 0;
  for (Index i = 0; i < value.count(); ++i) total += std::isnan(targets[i]) ? 0 : part(value[i], targets[i]);
  Tensor loss = Tensor::uninitialised(Shape{});
  loss[0] = static_cast<float>(total / static_cast<double>(rows));
  return tape.record(std::move(loss), {x}, [=](Tape& back, const Tensor& dy) {
    const Tensor& kept = back.value(x);
    Tensor dx = Tensor::uninitialised(kept.shape());
    const double scale = dy[0] / static_cast<double>(rows);
    for (Index i = 0; i < dx.count(); ++i) {
      dx[i] = std::isnan(targets[i]) ? 0 : static_cast<float>(scale * slope(kept[i], targets[i]));
    }
    back.add_gradient(x, std::move(dx));
  });
}

double sigmoid(double z) { return 1 / (1 + std::exp(-z)); }

}  // namespace

Variable squared_error(Tape& tape, Variable y, const Tensor& targets) {
  // L = sum of (y - t)^2 / N:  dy = 2 (y - t) / N
  return mean_over_rows(
      tape, "squared_error", y, targets,
      [](double value, double target) { return (value - target) * (value - target); },
      [](double value, double target) { return 2 * (value - target); });
}

Variable bernoulli_cross_entropy(Tape& tape, Variable logits, const Tensor& targets) {
  // -t log s(z) - (1 - t) log(1 - s(z)) = softplus(z) - t z, written so that exp never overflows:  dz = s(z) - t
  return mean_over_rows(
      tape, "bernoulli_cross_entropy", logits, targets,
      [](double z, double t) { return std::max(z, 0.0) + std::log1p(std::exp(-std::abs(z))) - t * z; },
      [](double z, double t) { return sigmoid(z) - t; });
}

}  // namespace unfold
