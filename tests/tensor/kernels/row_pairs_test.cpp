// Pairs of rows in bfloat16 against the twin: odd sizes, panels of every width that is used, zeros around.
#include "tensor/kernels/row_pairs.h"

#include "base/tiles.h"
#include "kernel_test.h"

namespace unfold::kernels {
namespace {

TEST(RowPairs, EqualTheTwin) {
  for (const Index rows : {1, 2, 3, 17, 64}) {
    for (const Index columns : {1, 7, 8, 16, 17, 48, 65, 130}) {
      for (const Index width : {8, 48, 64}) {
        const Index stride = columns + 3, pairs = ceil_divide(rows, Index{2}) + 2;
        Guarded from(rows * stride);
        fill_random(from.data(), from.count(), 1);
        const auto count = static_cast<std::size_t>((columns + 2 * width) * pairs);
        std::vector<Pair> fast(count, 0xabcdef01U), expected(count, 0xabcdef01U);
        round_to_panels(from.data(), stride, rows, columns, {width, pairs, fast.data()});
        naive::round_to_panels(from.data(), stride, rows, columns, {width, pairs, expected.data()});
        EXPECT_EQ(fast, expected) << rows << " x " << columns << " in panels of " << width;
      }
    }
  }
}

TEST(RowPairs, HoldTheUpperRowInTheLowerHalf) {
  const float from[] = {1.0F, 2.0F, -0.5F, 0.0F};  // 0x3f80, 0x4000, 0xbf00, 0x0000
  Pair to[48] = {};
  round_to_panels(from, 2, 2, 2, {.width = 48, .pairs = 1, .first = to});
  EXPECT_EQ(to[0], 0xbf003f80U);
  EXPECT_EQ(to[1], 0x00004000U);
  EXPECT_EQ(to[2], 0U);
}

TEST(RowPairs, KeepNotANumber) {
  const float nan = std::numeric_limits<float>::quiet_NaN();
  Pair to[16] = {};
  round_to_panels(&nan, 1, 1, 1, {.width = 16, .pairs = 1, .first = to});
  EXPECT_TRUE(std::isnan(std::bit_cast<float>(to[0] << 16)));
}

}  // namespace
}  // namespace unfold::kernels
