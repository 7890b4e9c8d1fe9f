// Products of few rows against the naive twin and against double precision: odd sizes, every format of weights.
#include "tensor/kernels/row_product.h"

#include <algorithm>

#include "base/thread_count_kept.h"
#include "kernel_test.h"

namespace unfold::kernels {
namespace {

constexpr WeightFormat kFormats[] = {WeightFormat::kF32, WeightFormat::kBf16, WeightFormat::kInt8};
constexpr Index kSizes[] = {1, 3, 17, 511, 513};

/// Largest weight and activation are 1. A sum of K products is rounded K times to its 24 bits; an activation beside
/// int8 weights to 1 part in 2 activation_limit.
double tolerance(const RowMatrix& b) {
  const double k = static_cast<double>(b.k());
  const double activation = b.format() == WeightFormat::kInt8 ? 0.5 / RowMatrix::activation_limit(b.k()) : 0;
  return 8e-7 * std::sqrt(k) + 1e-6 + 3 * activation * std::sqrt(k);
}

RowMatrix matrix(Index k, Index n, WeightFormat format) {
  std::vector<float> b(static_cast<std::size_t>(k * n));
  fill_random(b.data(), k * n, 2);
  return RowMatrix(b.data(), k, n, n, format, std::vector<float>(static_cast<std::size_t>(n), 1.0F / 127));
}

void check(Index rows, const RowMatrix& b, bool accumulate) {
  SCOPED_TRACE(testing::Message() << rows << " rows [" << b.k() << ", " << b.n() << "] "
                                  << weight_format_name(b.format()) << " accumulate " << accumulate);
  const Index x_stride = b.k() + 3, y_stride = b.n() + 5;
  Guarded x(rows * x_stride), y(rows * y_stride), twin(rows * y_stride);
  fill_random(x.data(), x.count(), 1);
  fill_random(y.data(), y.count(), 3);
  std::copy_n(y.data(), y.count(), twin.data());
  const std::vector<float> before(y.data(), y.data() + y.count());
  multiply_rows(x.data(), x_stride, rows, b, y.data(), y_stride, accumulate);
  naive::multiply_rows(x.data(), x_stride, rows, b, {0, b.n()}, twin.data(), y_stride, accumulate);
  double worst = 0, worst_twin = 0;
  for (Index i = 0; i < rows; ++i) {
    for (Index j = 0; j < y_stride; ++j) {
      const Index at = i * y_stride + j;
      double expected = before[static_cast<std::size_t>(at)];
      if (j >= b.n()) {  // a gap
        EXPECT_EQ(y[at], before[static_cast<std::size_t>(at)]);
        continue;
      }
      if (!accumulate) expected = 0;
      for (Index p = 0; p < b.k(); ++p) expected += double{x[i * x_stride + p]} * b.element(p, j);
      worst = std::max(worst, std::abs(double{y[at]} - expected));
      worst_twin = std::max(worst_twin, std::abs(double{twin[at]} - expected));
    }
  }
  EXPECT_LE(worst, tolerance(b));
  EXPECT_LE(worst_twin, tolerance(b));
  EXPECT_TRUE(x.intact() && y.intact());
}

TEST(RowProduct, OddSizesOfEveryFormatOnEveryInstructionSet) {
  for (const WeightFormat format : kFormats) {
    for (const Index k : kSizes) {
      for (const Index n : kSizes) {
        if (k > 500 && n > 500) continue;  // the naive twin's time
        const RowMatrix b = matrix(k, n, format);
        for_each_instruction_set([&] {
          for (const Index rows : {1, 3, 7}) check(rows, b, rows == 3);
        });
      }
    }
  }
  check(1, matrix(513, 511, WeightFormat::kInt8), true);
}

TEST(RowProduct, ARowDoesNotDependOnTheOthers) {
  for (const WeightFormat format : kFormats) {
    const RowMatrix b = matrix(65, 203, format);
    Guarded x(7 * 65), together(7 * 203), alone(203);
    fill_random(x.data(), x.count(), 4);
    for_each_instruction_set([&] {
      multiply_rows(x.data(), 65, 7, b, together.data(), 203, false);
      for (Index i = 0; i < 7; ++i) {
        multiply_rows(x.data() + i * 65, 65, 1, b, alone.data(), 203, false);
        for (Index j = 0; j < 203; ++j) ASSERT_EQ(alone[j], together[i * 203 + j]) << i << " " << j;
      }
    });
  }
}

TEST(RowProduct, ColumnsAreThoseOfTheWhole) {
  const Index k = 17, n = 300, panel = RowMatrix::kPanel;
  Guarded x(5 * k), whole(5 * n), some(5 * n);
  fill_random(x.data(), x.count(), 4);
  for (const WeightFormat format : kFormats) {
    const RowMatrix b = matrix(k, n, format);
    for_each_instruction_set([&] {
      multiply_rows(x.data(), k, 5, b, whole.data(), n, false);
      for (const Columns columns : {Columns{0, panel}, Columns{panel, 2 * panel}, Columns{panel, n}}) {
        std::fill_n(some.data(), some.count(), -7.0F);
        multiply_rows(x.data(), k, 5, b, columns, some.data(), n, false);
        for (Index i = 0; i < some.count(); ++i) {
          const bool inside = i % n >= columns.first && i % n < columns.last;
          ASSERT_EQ(some[i], inside ? whole[i] : -7.0F) << i;
        }
      }
    });
  }
}

TEST(RowProduct, ThreadsShareALargeMatrixAndChangeNoBit) {
  const Index k = 513, n = 1003, rows = 3;
  Guarded x(rows * k), alone(rows * n), shared(rows * n);
  fill_random(x.data(), x.count(), 4);
  const ThreadCountKept kept;
  for (const WeightFormat format : kFormats) {
    const RowMatrix b = matrix(k, n, format);
    multiply_rows(x.data(), k, rows, b, {0, n}, alone.data(), n, false);
    for (const int threads : {1, 2, 3, 16}) {
      set_thread_count(threads);
      std::fill_n(shared.data(), shared.count(), -7.0F);
      multiply_rows(x.data(), k, rows, b, shared.data(), n, false);
      for (Index i = 0; i < shared.count(); ++i) EXPECT_EQ(shared[i], alone[i]) << threads << " threads, " << i;
    }
  }
}

TEST(RowProduct, KeepsWeightsOnTheirGrid) {
  std::vector<float> w(3 * 40);
  fill_random(w.data(), 120, 5);
  for (const WeightFormat format : kFormats) {
    std::vector<float> rounded = w;
    round_rows(format, rounded.data(), 3, 40);
    std::vector<float> twice = rounded;
    round_rows(format, twice.data(), 3, 40);
    EXPECT_EQ(twice, rounded);
    std::vector<float> scales, transposed(120);  // [40, 3]
    for (Index i = 0; i < 3; ++i) {
      scales.push_back(int8_scale(rounded.data() + i * 40, 40));
      for (Index j = 0; j < 40; ++j)
        transposed[static_cast<std::size_t>(j * 3 + i)] = rounded[static_cast<std::size_t>(i * 40 + j)];
    }
    const RowMatrix b(transposed.data(), 40, 3, 3, format, scales);
    const double step = format == WeightFormat::kF32 ? 0 : format == WeightFormat::kBf16 ? 1.0 / 512 : 0.5 / 127;
    for (Index i = 0; i < 3; ++i) {
      for (Index j = 0; j < 40; ++j) {
        const float kept = rounded[static_cast<std::size_t>(i * 40 + j)];
        EXPECT_EQ(b.element(j, i), kept);
        EXPECT_LE(std::abs(kept - w[static_cast<std::size_t>(i * 40 + j)]), step * 1.0001);
      }
    }
  }
}

TEST(RowProduct, LargeActivationsAreNoOverflow) {
  const Index k = 20000;
  std::vector<float> ones(static_cast<std::size_t>(k), 1.0F);
  const RowMatrix b(ones.data(), k, 1, 1, WeightFormat::kInt8, std::vector<float>{1.0F / 127});
  std::vector<float> x(static_cast<std::size_t>(k), 3.0F);
  float y = 0;
  for_each_instruction_set([&] {
    multiply_rows(x.data(), k, 1, b, &y, 1, false);
    EXPECT_NEAR(y, 3.0 * 20000, 0.1);
  });
}

TEST(RowProduct, NotANumberStaysOne) {
  for (const WeightFormat format : kFormats) {
    const RowMatrix b = matrix(33, 3, format);
    for (const float strange : {std::numeric_limits<float>::quiet_NaN(), std::numeric_limits<float>::infinity()}) {
      std::vector<float> x(33, 0.5F);
      x[32] = strange;
      float y[3];
      for_each_instruction_set([&] {
        multiply_rows(x.data(), 33, 1, b, y, 3, false);
        for (const float value : y) EXPECT_FALSE(std::isfinite(value));
      });
    }
  }
}

TEST(RowProduct, RoundsActivationsAsItsTwin) {
  std::vector<float> x(77);
  fill_random(x.data(), 77, 6);
  std::vector<std::int16_t> fast(77), slow(77);
  for_each_instruction_set([&] {
    EXPECT_EQ(quantise_row(x.data(), 77, 1000, fast.data()), naive::quantise_row(x.data(), 77, 1000, slow.data()));
    EXPECT_EQ(fast, slow);
  });
  const auto smaller = [](int a, int b) { return std::abs(a) < std::abs(b); };
  EXPECT_EQ(std::abs(*std::max_element(fast.begin(), fast.end(), smaller)), 1000);
}

}  // namespace
}  // namespace unfold::kernels
