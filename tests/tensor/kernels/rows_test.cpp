// Look-ups of rows and their adjoint against the naive twins.
#include "tensor/kernels/rows.h"

#include "base/thread_count_kept.h"
#include "kernel_test.h"
#include "tensor/kernels/rows_naive.h"

namespace unfold::kernels {
namespace {

constexpr Index kSymbols = 11;

std::vector<std::int32_t> random_tokens(Index count, Index symbols) {
  Random random(3);
  std::vector<std::int32_t> tokens(static_cast<std::size_t>(count));
  for (auto& token : tokens)
    token = static_cast<std::int32_t>(random.below(static_cast<std::uint64_t>(symbols) + 1)) - 1;
  return tokens;
}

void expect_same_bits(Guarded& actual, Guarded& expected) {
  for (Index i = 0; i < actual.count(); ++i) ASSERT_EQ(actual[i], expected[i]) << i;
  EXPECT_TRUE(actual.intact());
}

TEST(Rows, GatherReadsTheTable) {
  for_each_instruction_set([] {
    for (const Index columns : {0, 1, 3, 17, 65}) {
      for (const bool accumulate : {false, true}) {
        const std::vector<std::int32_t> tokens = random_tokens(23, kSymbols);
        const Index table_stride = columns + 2, stride = columns + 3;
        Guarded table(kSymbols * table_stride), fast(23 * stride);
        fill_random(table.data(), table.count(), 1);
        fill_random(fast.data(), fast.count(), 2);
        Guarded naive = fast;
        gather_rows(table.data(), table_stride, tokens, columns, fast.data(), stride, accumulate);
        naive::gather_rows(table.data(), table_stride, tokens, columns, naive.data(), stride, accumulate);
        expect_same_bits(fast, naive);
      }
    }
  });
}

TEST(Rows, ScatterAddsInTheOrderOfRows) {
  for_each_instruction_set([] {
    for (const Index columns : {0, 1, 3, 17, 65, 127, 128, 300}) {
      for (const Index rows : {0, 1, 100}) {
        const std::vector<std::int32_t> tokens = random_tokens(rows, kSymbols);
        const Index stride = columns + 3, table_stride = columns + 1;
        Guarded source(rows * stride), fast(kSymbols * table_stride);
        fill_random(source.data(), source.count(), 1);
        fill_random(fast.data(), fast.count(), 2);
        Guarded naive = fast;
        scatter_add_rows(source.data(), stride, tokens, columns, fast.data(), table_stride, kSymbols);
        naive::scatter_add_rows(source.data(), stride, tokens, columns, naive.data(), table_stride);
        expect_same_bits(fast, naive);
      }
    }
  });
}

TEST(Rows, ScatterIsTheSameForAnyNumberOfThreads) {
  constexpr Index kRows = 200, kColumns = 700;
  const std::vector<std::int32_t> tokens = random_tokens(kRows, kSymbols);
  Guarded source(kRows * kColumns), one(kSymbols * kColumns), three(kSymbols * kColumns);
  fill_random(source.data(), source.count(), 1);
  for (Index i = 0; i < one.count(); ++i) one[i] = three[i] = 0;
  const ThreadCountKept kept;
  set_thread_count(1);
  scatter_add_rows(source.data(), kColumns, tokens, kColumns, one.data(), kColumns, kSymbols);
  set_thread_count(3);
  scatter_add_rows(source.data(), kColumns, tokens, kColumns, three.data(), kColumns, kSymbols);
  expect_same_bits(three, one);
}

TEST(Rows, CopyAndFillKeepToTheirColumns) {
  Guarded from(4 * 7), to(4 * 9);
  fill_random(from.data(), from.count(), 1);
  fill_rows(5.0f, to.data(), 9, 4, 9);
  copy_rows(from.data(), 7, to.data(), 9, 4, 7);
  for (Index i = 0; i < 4; ++i) {
    for (Index j = 0; j < 9; ++j) EXPECT_EQ(to[i * 9 + j], j < 7 ? from[i * 7 + j] : 5.0f);
  }
  EXPECT_TRUE(to.intact());
}

TEST(Rows, TransposedAdditionEqualsTheTwin) {
  for (const Index rows : kOddSizes) {
    for (const Index columns : {1, 3, 16, 17, 50}) {
      Guarded from(rows * (columns + 2)), fast(columns * (rows + 3)), expected(columns * (rows + 3));
      fill_random(from.data(), from.count(), 1);
      fill_random(fast.data(), fast.count(), 3);
      fill_random(expected.data(), expected.count(), 3);
      add_transposed(from.data(), columns + 2, rows, columns, fast.data(), rows + 3);
      naive::add_transposed(from.data(), columns + 2, rows, columns, expected.data(), rows + 3);
      for (Index i = 0; i < fast.count(); ++i) ASSERT_EQ(fast[i], expected[i]) << rows << " x " << columns;
      EXPECT_TRUE(fast.intact());
    }
  }
}

}  // namespace
}  // namespace unfold::kernels
