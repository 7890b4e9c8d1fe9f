// Matrix products against the naive twin in double precision: odd sizes, wide strides, zero sizes, concurrent calls.
#include "tensor/kernels/gemm.h"

#include <algorithm>
#include <thread>

#include "kernel_test.h"
#include "tensor/kernels/gemm_naive.h"
#include "tensor/kernels/rounded_product.h"
#include "unfold/error.h"

namespace unfold::kernels {
namespace {

double round_to_bfloat16(double value) {
  return static_cast<double>(naive::widen(naive::round_to_bfloat16(static_cast<float>(value))));
}

/// A matrix in a wider array, with canaries in the gaps.
struct Matrix {
  Index rows, columns, stride;
  Guarded values;
  Matrix(Index rows_, Index columns_, Index gap, std::uint64_t key)
      : rows(rows_), columns(columns_), stride(columns_ + gap), values(rows_ * stride) {
    fill_random(values.data(), values.count(), key);
    for (Index i = 0; i < rows; ++i) std::fill_n(values.data() + i * stride + columns, gap, kGap);
  }
  bool intact() {
    for (Index i = 0; i < rows; ++i) {
      for (Index j = columns; j < stride; ++j) {
        if (values[i * stride + j] != kGap) return false;
      }
    }
    return values.intact();
  }
  std::vector<double> exact(bool rounded = false) {
    std::vector<double> all{values.data(), values.data() + values.count()};
    if (rounded) std::ranges::transform(all, all.begin(), round_to_bfloat16);
    return all;
  }
  std::vector<Bfloat16> half() {
    std::vector<Bfloat16> result(static_cast<std::size_t>(values.count()));
    round_rows(values.data(), 0, result.data(), 0, 1, values.count());
    return result;
  }
  static constexpr float kGap = 777.0f;
};

enum class Kind { kPacked, kPackedTransposed, kTransposed, kPackedBfloat16, kRoundedRows, kTransposedRounded };

bool rounds(Kind kind) {
  return kind == Kind::kPackedBfloat16 || kind == Kind::kRoundedRows || kind == Kind::kTransposedRounded;
}

/// C (+)= A B in one of the ways, and in double precision, for operands that are rounded where the way rounds them.
void check(Kind kind, Index m, Index n, Index k, Index gap, bool accumulate) {
  SCOPED_TRACE(testing::Message() << "kind " << static_cast<int>(kind) << " [" << m << ", " << k << "] [" << k << ", "
                                  << n << "] gap " << gap << " accumulate " << accumulate);
  const bool a_transposed = kind == Kind::kTransposed || kind == Kind::kTransposedRounded;
  const bool b_transposed = kind == Kind::kPackedTransposed;
  Matrix a(a_transposed ? k : m, a_transposed ? m : k, gap, 1);
  Matrix b(b_transposed ? n : k, b_transposed ? k : n, 2 * gap, 2);
  Matrix c(m, n, gap, 3);
  if (!accumulate) {  // what is there must not matter
    for (Index i = 0; i < m; ++i) {
      std::fill_n(c.values.data() + i * c.stride, n, std::numeric_limits<float>::quiet_NaN());
    }
  }
  std::vector<double> expected = c.exact();
  const auto strides = [](bool transposed, Index stride) {
    return transposed ? std::pair<Index, Index>(1, stride) : std::pair<Index, Index>(stride, 1);
  };
  const auto [a_row, a_column] = strides(a_transposed, a.stride);
  const auto [b_row, b_column] = strides(b_transposed, b.stride);
  naive::multiply(a.exact(rounds(kind)).data(), a_row, a_column, b.exact(rounds(kind)).data(), b_row, b_column, m, n, k,
                  expected.data(), c.stride, accumulate);
  if (a_transposed) {
    const auto product = rounds(kind) ? multiply_transposed_rounded : multiply_transposed;
    product(a.values.data(), a.stride, b.values.data(), b.stride, m, n, k, c.values.data(), c.stride, accumulate);
  } else {
    PackedMatrix packed;
    packed.pack(b.values.data(), k, n, b.stride, b_transposed,
                rounds(kind) ? Precision::kBfloat16 : Precision::kFloat32);
    EXPECT_EQ(packed.k(), k);
    EXPECT_EQ(packed.n(), n);
    if (kind == Kind::kRoundedRows) {
      multiply(a.half().data(), a.stride, m, packed, c.values.data(), c.stride, accumulate);
    } else {
      multiply(a.values.data(), a.stride, m, packed, c.values.data(), c.stride, accumulate);
    }
  }
  double worst = 0;
  for (Index i = 0; i < m; ++i) {
    for (Index j = 0; j < n; ++j) {
      const Index at = i * c.stride + j;
      const double error = std::abs(static_cast<double>(c.values[at]) - expected[static_cast<std::size_t>(at)]);
      worst = error <= worst ? worst : error;  // NaN is worst
    }
  }
  EXPECT_LE(worst, product_tolerance(k));
  EXPECT_TRUE(a.intact() && b.intact() && c.intact());
}

void check_all_kinds(Index m, Index n, Index k) {
  for (const Kind kind : {Kind::kPacked, Kind::kPackedTransposed, Kind::kTransposed, Kind::kPackedBfloat16,
                          Kind::kRoundedRows, Kind::kTransposedRounded}) {
    const bool is_packed_rounded = kind == Kind::kPackedBfloat16 || kind == Kind::kRoundedRows;
    if (is_packed_rounded && !multiplies_bfloat16()) continue;
    for (const Index gap : {0, 5}) {
      for (const bool accumulate : {false, true}) check(kind, m, n, k, gap, accumulate);
    }
  }
}

/// Columns of a product, multiplied alone: their bits are those of the whole product, the others stay as they are.
void check_columns(Index m, Index n, Index k, Precision precision, bool accumulate) {
  SCOPED_TRACE(testing::Message() << "[" << m << ", " << k << "] [" << k << ", " << n << "] accumulate " << accumulate);
  Matrix a(m, k, 3, 1), b(k, n, 0, 2), start(m, n, 5, 3);
  PackedMatrix packed;
  packed.pack(b.values.data(), k, n, b.stride, false, precision);
  const auto values = [](Matrix& matrix) {
    return std::vector<float>(matrix.values.data(), matrix.values.data() + matrix.values.count());
  };
  std::vector<float> whole = values(start), parts = values(start), some = values(start);
  multiply(a.values.data(), a.stride, m, packed, whole.data(), start.stride, accumulate);
  std::vector<Columns> even, odd;
  for (Index first = 0; first < n; first += kColumnBlock) {
    (first / kColumnBlock % 2 == 0 ? even : odd).push_back({first, std::min(n, first + kColumnBlock)});
  }
  multiply_columns(a.values.data(), a.stride, m, packed, even, parts.data(), start.stride, accumulate);
  multiply_columns(a.values.data(), a.stride, m, packed, odd, parts.data(), start.stride, accumulate);
  EXPECT_EQ(parts, whole);
  multiply_columns(a.values.data(), a.stride, m, packed, odd, some.data(), start.stride, accumulate);
  for (Index i = 0; i < m; ++i) {
    for (const Columns& range : even) {
      for (Index j = range.first; j < range.last; ++j) {
        ASSERT_EQ(some[static_cast<std::size_t>(i * start.stride + j)], start.values[i * start.stride + j]);
      }
    }
  }
}

TEST(Gemm, ColumnsAloneHaveTheBitsOfTheWhole) {
  if (!columns_are_independent()) GTEST_SKIP() << "this processor's kernels do not take columns apart";
  for (const Precision precision : {Precision::kFloat32, Precision::kBfloat16}) {
    for (const Index m : {1, 3, 17, 64}) {
      for (const Index n : {1, 64, 100, 128, 513}) {
        for (const Index k : {1, 17, 128, 513, 2048}) {
          for (const bool accumulate : {false, true}) check_columns(m, n, k, precision, accumulate);
        }
      }
    }
  }
}

TEST(Gemm, ColumnsBeginAtBlocks) {
  const std::vector<float> a(4), b(4 * 200);
  std::vector<float> c(200);
  PackedMatrix packed;
  packed.pack(b.data(), 4, 200, 200, false);
  for (const Columns& range : {Columns{1, 64}, Columns{0, 63}, Columns{64, 256}}) {
    EXPECT_THROW(multiply_columns(a.data(), 4, 1, packed, std::span(&range, 1), c.data(), 200, false), ContractError);
  }
}

TEST(Gemm, OddSizes) {
  for (const Index m : {1, 3, 17, 65}) {
    for (const Index n : {1, 3, 17, 65, 200}) {
      for (const Index k : {1, 3, 17, 65, 300}) check_all_kinds(m, n, k);
    }
  }
}

TEST(Gemm, LargeSizes) {
  check_all_kinds(130, 257, 1000);
  check_all_kinds(1000, 65, 129);
  check_all_kinds(97, 1057, 1025);  // one more than the blocks of the rounded product
  check_all_kinds(5, 65, 2501);     // several blocks of rows in either precision, of a whole panel and a column
}

TEST(Gemm, ZeroSizes) {
  check_all_kinds(0, 5, 5);
  check_all_kinds(5, 0, 5);
  check_all_kinds(5, 5, 0);
}

TEST(Gemm, ColumnsOfATransposedProductOfRoundedRowsAreIndependent) {
  constexpr Index kM = 200, kN = 130, kK = 1100;
  Matrix a(kK, kM, 0, 1), b(kK, kN, 0, 2), whole(kM, kN, 0, 3), parts(kM, kN, 0, 4);
  multiply_transposed_rounded(a.values.data(), kM, b.values.data(), kN, kM, kN, kK, whole.values.data(), kN, false);
  constexpr Index kRows[] = {0, 1, 50, 177, kM}, kColumns[] = {0, 47, 64, 129, kN};
  for (int i = 0; i < 4; ++i) {
    for (int j = 0; j < 4; ++j) {
      const Index row = kRows[i], column = kColumns[j];
      multiply_transposed_rounded(a.values.data() + row, kM, b.values.data() + column, kN, kRows[i + 1] - row,
                                  kColumns[j + 1] - column, kK, parts.values.data() + row * kN + column, kN, false);
    }
  }
  for (Index i = 0; i < kM * kN; ++i) ASSERT_EQ(parts.values[i], whole.values[i]) << i;
}

/// A thread takes as many columns of a parameter's gradient as the threads leave it.
TEST(Gemm, ColumnsOfATransposedProductAreIndependentWhereThatIsSaid) {
  if (!columns_are_independent()) GTEST_SKIP() << "this processor's kernels do not take columns apart";
  for (const Index m : {1, 65, 513}) {
    for (const Index k : {17, 385, 2049}) {  // oneDNN sums some 384 at once
      constexpr Index kN = 1040;
      std::vector<float> a(static_cast<std::size_t>(k * m)), b(static_cast<std::size_t>(k * kN));
      std::vector<float> whole(static_cast<std::size_t>(m * kN)), parts(whole.size());
      fill_random(a.data(), k * m, 1);
      fill_random(b.data(), k * kN, 2);
      multiply_transposed(a.data(), m, b.data(), kN, m, kN, k, whole.data(), kN, false);
      for (const Index width : {64, 528}) {
        for (Index column = 0; column < kN; column += width) {
          const Index columns = std::min(width, kN - column);
          multiply_transposed(a.data(), m, b.data() + column, kN, m, columns, k, parts.data() + column, kN, false);
        }
        EXPECT_EQ(parts, whole) << m << " rows, " << width << " columns at once, summed over " << k;
      }
    }
  }
}

TEST(Gemm, IntegersAreExact) {
  constexpr Index kM = 19, kN = 70, kK = 90;
  std::vector<float> a(kM * kK), b(kK * kN), fast(kM * kN), naive(kM * kN);
  Random random(5);
  for (float& value : a) value = static_cast<float>(random.below(3)) - 1;
  for (float& value : b) value = static_cast<float>(random.below(3)) - 1;
  PackedMatrix packed;
  packed.pack(b.data(), kK, kN, kN, false);
  multiply(a.data(), kK, kM, packed, fast.data(), kN, false);
  naive::multiply(a.data(), kK, Index(1), b.data(), kN, Index(1), kM, kN, kK, naive.data(), kN, false);
  EXPECT_EQ(fast, naive);
}

/// A loop's tiles are as high as the threads leave them.
TEST(Gemm, ARowsBitsDoNotDependOnTheRowsBesideItWhereThatIsSaid) {
  if (!rows_are_independent()) GTEST_SKIP() << "this processor's kernels do not promise it";
  struct Sizes {
    Index k, n;
  };
  for (const auto [k, n] : {Sizes{512, 2048}, Sizes{2048, 512}, Sizes{128, 512}, Sizes{70, 90}, Sizes{33, 17}}) {
    constexpr Index kRows = 100;
    std::vector<float> a(static_cast<std::size_t>(kRows * k)), b(static_cast<std::size_t>(k * n));
    std::vector<float> before(static_cast<std::size_t>(kRows * n));
    fill_random(a.data(), kRows * k, 1);
    fill_random(b.data(), k * n, 2);
    fill_random(before.data(), kRows * n, 3);
    for (const Precision precision : {Precision::kFloat32, Precision::kBfloat16}) {
      if (precision == Precision::kBfloat16 && !multiplies_bfloat16()) continue;
      PackedMatrix packed;
      packed.pack(b.data(), k, n, n, false, precision);
      for (const bool accumulate : {false, true}) {
        std::vector<float> whole = before;
        multiply(a.data(), k, kRows, packed, whole.data(), n, accumulate);
        for (const Index m : {1, 2, 3, 5, 8, 13, 16, 24, 25, 32, 33, 50, 64, 99}) {
          std::vector<float> parts = before;
          for (Index row = 0; row < kRows; row += m) {
            multiply(a.data() + row * k, k, std::min(m, kRows - row), packed, parts.data() + row * n, n, accumulate);
          }
          EXPECT_EQ(parts == whole, true) << m << " rows at once, K = " << k << ", N = " << n << ", precision "
                                          << static_cast<int>(precision) << ", accumulate " << accumulate;
        }
      }
    }
  }
}

TEST(Gemm, NanReachesTheResult) {
  std::vector<float> a(3 * 20, 1.0f), b(20 * 40, 1.0f), c(3 * 40);
  a[20 + 7] = std::numeric_limits<float>::quiet_NaN();
  PackedMatrix packed;
  packed.pack(b.data(), 20, 40, 40, false);
  multiply(a.data(), 20, 3, packed, c.data(), 40, false);
  EXPECT_EQ(c[0], 20.0f);
  EXPECT_TRUE(std::isnan(c[40]));
  EXPECT_EQ(c[80], 20.0f);
}

TEST(Gemm, RepackingReplacesTheMatrix) {
  std::vector<float> a(2 * 33), first(33 * 47), second(33 * 47), repacked(2 * 47), fresh(2 * 47);
  fill_random(a.data(), 2 * 33, 1);
  fill_random(first.data(), 33 * 47, 2);
  fill_random(second.data(), 33 * 47, 3);
  PackedMatrix packed;
  EXPECT_TRUE(packed.empty());
  packed.pack(first.data(), 33, 47, 47, false);
  packed.pack(second.data(), 33, 47, 47, false);
  multiply(a.data(), 33, 2, packed, repacked.data(), 47, false);
  PackedMatrix other;
  other.pack(second.data(), 33, 47, 47, false);
  multiply(a.data(), 33, 2, other, fresh.data(), 47, false);
  EXPECT_EQ(repacked, fresh);
  PackedMatrix moved = std::move(packed);
  multiply(a.data(), 33, 2, moved, repacked.data(), 47, false);
  EXPECT_EQ(repacked, fresh);
  moved.pack(second.data(), 20, 47, 47, false);
  EXPECT_EQ(moved.k(), 20);
}

TEST(Gemm, ManyThreadsAtOnceGiveTheBitsOfOne) {
  constexpr Index kM = 33, kN = 130, kK = 200;
  std::vector<float> a(kM * kK), b(kK * kN), expected(kM * kN), expected_transposed(kK * kN);
  fill_random(a.data(), kM * kK, 1);
  fill_random(b.data(), kK * kN, 2);
  PackedMatrix packed;
  packed.pack(b.data(), kK, kN, kN, false);
  multiply(a.data(), kK, kM, packed, expected.data(), kN, false);
  multiply_transposed(a.data(), kK, b.data(), kN, kK, kN, kM, expected_transposed.data(), kN, false);
  constexpr int kThreads = 4;
  std::vector<int> wrong(kThreads, 0);
  std::vector<std::thread> threads;
  for (int t = 0; t < kThreads; ++t) {
    threads.emplace_back([&, t] {
      // A different alignment per thread must not matter either.
      std::vector<float> result(kM * kN + 16), transposed(kK * kN + 16);
      for (int repeat = 0; repeat < 20; ++repeat) {
        multiply(a.data(), kK, kM, packed, result.data() + t, kN, false);
        multiply_transposed(a.data(), kK, b.data(), kN, kK, kN, kM, transposed.data() + t, kN, false);
        if (!std::equal(expected.begin(), expected.end(), result.begin() + t)) ++wrong[static_cast<std::size_t>(t)];
        if (!std::equal(expected_transposed.begin(), expected_transposed.end(), transposed.begin() + t)) {
          ++wrong[static_cast<std::size_t>(t)];
        }
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(wrong, std::vector<int>(kThreads, 0));
}

}  // namespace
}  // namespace unfold::kernels
