// Loss, gradient and log-softmax against the naive twins in double precision, and against finite differences.
#include "tensor/kernels/softmax_cross_entropy.h"

#include "kernel_test.h"
#include "tensor/kernels/softmax_cross_entropy_naive.h"

namespace unfold::kernels {
namespace {

/// Each of up to 1000 exponentials is right to 2 units of the last place, and so is, nearly, their sum.
constexpr double kTolerance = 2e-6;

std::vector<std::int32_t> make_targets(Index rows, Index columns) {
  std::vector<std::int32_t> targets;
  for (Index r = 0; r < rows; ++r) targets.push_back(r % 4 == 3 ? -1 : static_cast<std::int32_t>(r * 7 % columns));
  return targets;
}

TEST(SoftmaxCrossEntropy, AgreesWithTheNaiveTwin) {
  for_each_instruction_set([] {
    for (const Index columns : {1, 3, 15, 16, 17, 65, 1000}) {
      constexpr Index kRows = 9;
      const Index stride = columns + 3;
      const std::vector<std::int32_t> targets = make_targets(kRows, columns);
      Guarded logits(kRows * stride);
      fill_random(logits.data(), logits.count(), 1, -20, 20);
      const std::vector<double> exact(logits.data(), logits.data() + logits.count());
      std::vector<double> slopes(exact.size()), nats(kRows), actual(kRows);
      const double expected = naive::softmax_cross_entropy(exact.data(), stride, targets, columns, 0.25, nats.data(),
                                                           slopes.data(), stride);
      const double evaluated =
          softmax_cross_entropy(logits.data(), stride, targets, columns, 1.0f, nullptr, nullptr, 0);
      // In place.
      const double trained =
          softmax_cross_entropy(logits.data(), stride, targets, columns, 0.25f, actual.data(), logits.data(), stride);
      EXPECT_NEAR(trained, expected, 20 * kRows * kTolerance);
      EXPECT_EQ(evaluated, trained);
      for (Index r = 0; r < kRows; ++r) {
        const auto row = static_cast<std::size_t>(r);
        EXPECT_NEAR(actual[row], nats[row], 20 * kTolerance);
        for (Index v = 0; v < columns; ++v) {
          EXPECT_NEAR(logits[r * stride + v], slopes[static_cast<std::size_t>(r * stride + v)], kTolerance);
        }
      }
      EXPECT_TRUE(logits.intact());
    }
  });
}

TEST(SoftmaxCrossEntropy, SlopesAreTheDerivative) {
  constexpr Index kColumns = 7;
  const std::vector<std::int32_t> target = {2};
  std::vector<double> z = {0.3, -1.2, 0.7, 2.0, -0.4, 0.0, 1.1};
  std::vector<double> slopes(kColumns);
  naive::softmax_cross_entropy(z.data(), kColumns, target, kColumns, 1.0, nullptr, slopes.data(), kColumns);
  constexpr double kStep = 1e-5;
  const auto loss = [&](std::size_t v, double step) {
    std::vector<double> moved = z;
    moved[v] += step;
    return naive::softmax_cross_entropy<double>(moved.data(), kColumns, target, kColumns, 1.0, nullptr, nullptr, 0);
  };
  for (std::size_t v = 0; v < kColumns; ++v) {
    // Central differences: the truncation is of the order of the squared step.
    EXPECT_NEAR(slopes[v], (loss(v, kStep) - loss(v, -kStep)) / (2 * kStep), 1e-9);
  }
}

TEST(SoftmaxCrossEntropy, LargeLogitsDoNotOverflow) {
  for_each_instruction_set([] {
    std::vector<float> logits = {1000, 0, -1000, 1000};
    std::vector<float> slopes(4);
    const std::vector<std::int32_t> target = {2};
    const double nats = softmax_cross_entropy(logits.data(), 4, target, 4, 1.0f, nullptr, slopes.data(), 4);
    EXPECT_NEAR(nats, 2000 + std::log(2.0), 1e-6);
    EXPECT_EQ(slopes[0], 0.5f);
    EXPECT_EQ(slopes[1], 0.0f);
    EXPECT_EQ(slopes[2], -1.0f);
  });
}

TEST(SoftmaxCrossEntropy, NanIsNotHidden) {
  for_each_instruction_set([] {
    std::vector<float> logits(40, 1.0f);
    logits[37] = std::numeric_limits<float>::quiet_NaN();
    const std::vector<std::int32_t> target = {0};
    EXPECT_TRUE(std::isnan(softmax_cross_entropy(logits.data(), 40, target, 40, 1.0f, nullptr, nullptr, 0)));
  });
}

TEST(LogSoftmax, AgreesWithTheNaiveTwinInPlace) {
  for_each_instruction_set([] {
    for (const Index columns : {1, 3, 17, 65, 1000}) {
      const Index stride = columns + 2;
      Guarded logits(5 * stride);
      fill_random(logits.data(), logits.count(), 2, -20, 20);
      const std::vector<double> exact(logits.data(), logits.data() + logits.count());
      std::vector<double> expected(exact.size());
      naive::log_softmax(exact.data(), stride, 5, columns, expected.data(), stride);
      log_softmax(logits.data(), stride, 5, columns, logits.data(), stride);
      for (Index r = 0; r < 5; ++r) {
        for (Index v = 0; v < columns; ++v) {
          // Values reach 50, so their last place is 4e-6.
          EXPECT_NEAR(logits[r * stride + v], expected[static_cast<std::size_t>(r * stride + v)], 8e-6);
        }
      }
      EXPECT_TRUE(logits.intact());
    }
  });
}

}  // namespace
}  // namespace unfold::kernels
