// A learned first state: its gradient against differences.
#include <gtest/gtest.h>

#include "unfold/recurrence.h"

namespace unfold {
namespace {

TEST(LearnedStart, GradientEqualsDifferences) {
  const Cell cell = Cell::parse(
      "cell started\ninput x\nstate h = learned\nz = sigmoid(W_z x + U_z h)\nh' = z * h + (1 - z) * tanh(W x + U "
      "h)\noutput "
      "h'\n",
      "started.cell");
  Recurrence recurrence(cell, {3, 7, 0}, {}, {}, 2);
  Parameter* start = nullptr;
  for (Parameter* parameter : recurrence.parameters()) {
    if (parameter->name() == "h_0") start = parameter;
  }
  ASSERT_NE(start, nullptr);
  for (Index i = 0; i < 7; ++i) start->edit()[i] = 0.1F * static_cast<float>(i - 3);
  const Unrolling unrolling = Unrolling::ragged(std::vector<Index>{4, 1, 6});
  Tensor x({unrolling.rows(), 3});
  for (Index i = 0; i < x.count(); ++i) x[i] = static_cast<float>(i * 7 % 11 - 5) / 5.0F;
  Tensor weights({unrolling.rows(), 7});
  for (Index i = 0; i < weights.count(); ++i) weights[i] = static_cast<float>(i * 5 % 13 - 6) / 6.0F;

  ForwardArguments arguments;
  arguments.unrolling = &unrolling;
  arguments.inputs = {{InputValues::Kind::kDense, &x, {}}};
  const auto loss = [&] {
    const Tensor output = recurrence.forward(arguments).output;
    double sum = 0;
    for (Index i = 0; i < output.count(); ++i) sum += static_cast<double>(weights[i]) * static_cast<double>(output[i]);
    return sum;
  };
  arguments.keep_for_backward = true;
  const ForwardResult forward = recurrence.forward(arguments);
  arguments.keep_for_backward = false;
  BackwardArguments back;
  back.output_gradient = weights;
  recurrence.backward(forward.execution, back);
  for (Index i = 0; i < 7; ++i) {
    const float value = start->value()[i];
    const float step = 1.0F / 64;
    start->edit()[i] = value + step;
    const double above = loss();
    start->edit()[i] = value - step;
    const double below = loss();
    start->edit()[i] = value;
    // Curvature leaves step^2 = 2e-4, rounding in float32 some 1e-6 / step = 1e-4 of a loss of order one.
    EXPECT_NEAR(start->gradient()[i], (above - below) / (2 * static_cast<double>(step)), 1e-3);
  }
}

}  // namespace
}  // namespace unfold
