// Sums and maxima of rows and columns, on every instruction set, against double precision.
#include "kernel_test.h"
#include "tensor/kernels/map.h"
#include "tensor/kernels/reduce_naive.h"

namespace unfold::kernels {
namespace {

/// Numbers in [-1, 1): each of the at most 1000 additions rounds a partial sum of at most a few tens.
constexpr double kSumTolerance = 1e-4;

TEST(Reduce, RowSumDotAndMax) {
  for_each_instruction_set([] {
    for (const Index count : kOddSizes) {
      Guarded a(count), b(count);
      fill_random(a.data(), count, 7);
      fill_random(b.data(), count, 8);
      const std::vector<double> exact(a.data(), a.data() + count), other(b.data(), b.data() + count);
      EXPECT_NEAR(row_sum(a.data(), count), naive::row_sum(exact.data(), count), kSumTolerance) << count;
      EXPECT_NEAR(row_dot(a.data(), b.data(), count), naive::row_dot(exact.data(), other.data(), count), kSumTolerance);
      EXPECT_NEAR(sum_in_streams(a.data(), count), naive::row_sum(exact.data(), count), kSumTolerance) << count;
      EXPECT_EQ(row_max(a.data(), count), naive::row_max(a.data(), count)) << count;
    }
  });
}

TEST(Reduce, SquaredNormIsDouble) {
  for_each_instruction_set([] {
    for (const Index count : kOddSizes) {
      Guarded a(count);
      fill_random(a.data(), count, 12, -1e20f, 1e20f);
      const double expected = naive::squared_norm(a.data(), count);
      // 1e40 is beyond a float; only the order of additions differs.
      EXPECT_NEAR(squared_norm(a.data(), count), expected, 1e-13 * expected) << count;
    }
  });
}

TEST(Reduce, MaxOfNegativesAndOfNan) {
  for_each_instruction_set([] {
    for (const Index count : {1, 5, 16, 37}) {
      Guarded a(count);
      fill_random(a.data(), count, 8, -3, -2);
      EXPECT_LT(row_max(a.data(), count), -2.0f);
      for (const Index at : {Index(0), count / 2, count - 1}) {
        Guarded with_nan = a;
        with_nan[at] = std::numeric_limits<float>::quiet_NaN();
        EXPECT_TRUE(std::isnan(row_max(with_nan.data(), count)));
        EXPECT_TRUE(std::isnan(row_sum(with_nan.data(), count)));
      }
    }
  });
}

TEST(Reduce, ColumnSumsAddToWhatIsThere) {
  for_each_instruction_set([] {
    for (const Index rows : {0, 1, 63, 64, 65, 200}) {
      for (const Index columns : {0, 1, 3, 17, 65, 200}) {
        const Index stride = columns + 5;
        Guarded a(rows * stride), sums(columns);
        fill_random(a.data(), rows * stride, 9);
        fill_random(sums.data(), columns, 10);
        const std::vector<double> exact(a.data(), a.data() + rows * stride);
        std::vector<double> expected(sums.data(), sums.data() + columns);
        naive::add_column_sums(exact.data(), stride, rows, columns, expected.data());
        add_column_sums(a.data(), stride, rows, columns, sums.data());
        for (Index j = 0; j < columns; ++j) EXPECT_NEAR(sums[j], expected[static_cast<std::size_t>(j)], kSumTolerance);
        EXPECT_TRUE(sums.intact());
      }
    }
  });
}

TEST(Reduce, ColumnSumsGoChunkByChunk) {
  for_each_instruction_set([] {
    constexpr Index kRows = 150, kColumns = 19;
    Guarded a(kRows * kColumns), whole(kColumns), parts(kColumns);
    fill_random(a.data(), a.count(), 11);
    for (Index j = 0; j < kColumns; ++j) whole[j] = parts[j] = 0;
    add_column_sums(a.data(), kColumns, kRows, kColumns, whole.data());
    for (Index first = 0; first < kRows; first += 64) {
      add_column_sums(a.data() + first * kColumns, kColumns, std::min<Index>(64, kRows - first), kColumns,
                      parts.data());
    }
    for (Index j = 0; j < kColumns; ++j) EXPECT_EQ(whole[j], parts[j]);
  });
}

}  // namespace
}  // namespace unfold::kernels
