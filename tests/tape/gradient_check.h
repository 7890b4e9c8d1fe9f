// Comparing the tape's gradients with central differences. The tape computes in float32, so the loss, a random
// projection of the result, is summed in double, and the differences are of fourth order, over a step that balances
// rounding (about 6e-8 / step) against what they neglect (about step^4).
#pragma once

#include <cmath>
#include <functional>
#include <vector>

#include "base/random.h"
#include "unfold/tape.h"

namespace unfold {

inline constexpr float kDifferenceStep = 1.0F / 32.0F;
/// Of the largest entry of the gradient: rounding of float32 values of size 1 over the step gives about 2e-6, curvature
/// about 1e-6, sums of a hundred such terms beside a small gradient some hundred times that: up to 1.1e-3 was seen over
/// a dozen seeds, with the naive kernels as with all others. A wrong factor gives 1e-1.
inline constexpr double kGradientTolerance = 3e-3;

inline Tensor random_tensor(const Shape& shape, std::uint64_t seed) {
  Tensor tensor(shape);
  Random random(combine(0x5eed, seed));
  for (float& value : tensor.values()) value = static_cast<float>(random.normal());
  return tensor;
}

using Network = std::function<Variable(Tape&, const std::vector<Variable>&)>;

struct GradientError {
  double absolute = 0;
  double relative = 0;  // to the largest entry of the same tensor
};

/// The largest difference between the gradient and differences, over all entries of `leaves` and `parameters`.
inline GradientError compare_gradients(std::vector<Tensor> leaves, const Network& network,
                                       const ParameterList& parameters = {}) {
  const auto run = [&](Tape& tape, std::vector<Variable>& variables) {
    for (const Tensor& leaf : leaves) variables.push_back(tape.leaf(leaf));
    return network(tape, variables);
  };
  Tensor projection;
  const auto loss = [&] {
    Tape tape(Tape::Recording::kOff);
    std::vector<Variable> variables;
    const Tensor& y = tape.value(run(tape, variables));
    double sum = 0;
    for (Index i = 0; i < y.count(); ++i) sum += static_cast<double>(projection[i]) * y[i];
    return sum;
  };
  GradientError worst;
  const auto compare = [&](const Tensor& gradient, const std::function<float&(Index)>& entry) {
    double largest = 0;
    double difference = 0;
    for (Index i = 0; i < gradient.count(); ++i) {
      const float before = entry(i);
      const auto slope = [&](float step) {
        entry(i) = before + step;
        const double above = loss();
        entry(i) = before - step;
        return (above - loss()) / (2.0 * step);
      };
      // Richardson: the error of step^2 cancels.
      const double numeric = (4 * slope(kDifferenceStep) - slope(2 * kDifferenceStep)) / 3;
      entry(i) = before;
      largest = std::max(largest, std::abs(numeric));
      difference = std::max(difference, std::abs(numeric - gradient[i]));
    }
    worst.absolute = std::max(worst.absolute, difference);
    worst.relative = std::max(worst.relative, difference / largest);
  };

  Tape tape;
  std::vector<Variable> variables;
  const Variable y = run(tape, variables);
  projection = random_tensor(tape.shape(y), 99);
  for (Parameter* parameter : parameters) parameter->gradient().fill(0);
  tape.backward(y, projection);
  for (std::size_t k = 0; k < leaves.size(); ++k) {
    const Tensor* gradient = tape.gradient(variables[k]);
    const Tensor none(leaves[k].shape());
    compare(gradient == nullptr ? none : *gradient, [&, k](Index i) -> float& { return leaves[k][i]; });
  }
  for (Parameter* parameter : parameters) {
    const Tensor gradient = parameter->gradient();
    compare(gradient, [parameter](Index i) -> float& { return parameter->edit()[i]; });
  }
  return worst;
}

inline double gradient_error(std::vector<Tensor> leaves, const Network& network, const ParameterList& parameters = {}) {
  return compare_gradients(std::move(leaves), network, parameters).relative;
}

}  // namespace unfold
