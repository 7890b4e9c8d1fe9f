// A recurrence of spectral radius above 1: training diverges without clipping by norm and learns with it (Pascanu,
// Mikolov and Bengio 2013).
#include <gtest/gtest.h>

#include <cmath>

#include "unfold/clipping.h"
#include "unfold/optimizer.h"
#include "unfold/recurrence.h"

namespace unfold {
namespace {

constexpr Index kSteps = 60;
constexpr Index kBatch = 8;
constexpr Index kHidden = 16;

/// The mean square of the output's distance from 1, after a constant input. Returns the losses of 60 steps of SGD.
std::vector<double> train(double largest_norm) {
  const Cell cell = Cell::parse("cell exploding\ninput x\nstate h\nh' = W h + U x\noutput h'\ninit W = spectral(1.3)\n",
                                "exploding.cell");
  Recurrence recurrence(cell, {1, kHidden, 0}, {}, {}, 3);
  Sgd sgd(recurrence.parameters());
  const Unrolling unrolling = Unrolling::equal(kSteps, kBatch);
  Tensor x({unrolling.rows(), 1});
  x.fill(1);
  ForwardArguments arguments;
  arguments.unrolling = &unrolling;
  arguments.inputs = {{InputValues::Kind::kDense, &x, {}}};
  arguments.mode = Mode::kTraining;
  arguments.keep_for_backward = true;
  std::vector<double> losses;
  for (int step = 0; step < 60; ++step) {
    ForwardResult forward = recurrence.forward(arguments);
    Tensor& d = forward.output;
    double loss = 0;
    for (Index i = 0; i < d.count(); ++i) {
      const double error = static_cast<double>(d[i]) - 1;
      loss += error * error / static_cast<double>(d.count());
      d[i] = static_cast<float>(2 * error / static_cast<double>(d.count()));
    }
    losses.push_back(loss);
    BackwardArguments back;
    back.output_gradient = d;
    recurrence.backward(forward.execution, back);
    sgd.step(0.05, clip_factor(global_norm(recurrence.parameters()), largest_norm));
  }
  return losses;
}

TEST(ExplodingGradient, DivergesWithoutClippingAndLearnsWithIt) {
  const double without = train(0).back();
  EXPECT_TRUE(std::isnan(without)) << without;
  const std::vector<double> with = train(1);
  for (const double loss : with) ASSERT_TRUE(std::isfinite(loss));
  EXPECT_GT(with.front(), 1e6) << "the outputs grow as 1.3^60";
  EXPECT_LT(with.back(), 0.75) << "an output of zeros has 1";
}

}  // namespace
}  // namespace unfold
