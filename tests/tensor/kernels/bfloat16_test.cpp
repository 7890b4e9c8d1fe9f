// Rounding to bfloat16 against its naive twin, and the twin against the definition.
#include "tensor/kernels/bfloat16.h"

#include <cmath>

#include "kernel_test.h"
#include "tensor/kernels/bfloat16_naive.h"

namespace unfold::kernels {
namespace {

constexpr float kInfinity = std::numeric_limits<float>::infinity();

/// A float of given bits.
float of_bits(std::uint32_t bits) { return std::bit_cast<float>(bits); }

TEST(Bfloat16, RoundsToTheNearestTiesToEven) {
  EXPECT_EQ(naive::round_to_bfloat16(1.0F), 0x3f80);
  EXPECT_EQ(naive::round_to_bfloat16(-2.5F), 0xc020);
  EXPECT_EQ(naive::round_to_bfloat16(of_bits(0x3f808000)), 0x3f80);  // halfway, the even one is below
  EXPECT_EQ(naive::round_to_bfloat16(of_bits(0x3f818000)), 0x3f82);  // halfway, the even one is above
  EXPECT_EQ(naive::round_to_bfloat16(of_bits(0x3f808001)), 0x3f81);
  EXPECT_EQ(naive::round_to_bfloat16(of_bits(0x3f807fff)), 0x3f80);
  EXPECT_EQ(naive::round_to_bfloat16(-0.0F), 0x8000);
  EXPECT_EQ(naive::round_to_bfloat16(kInfinity), 0x7f80);
  EXPECT_EQ(naive::round_to_bfloat16(std::numeric_limits<float>::max()), 0x7f80);
}

TEST(Bfloat16, NanStaysNan) {
  for (const std::uint32_t bits : {0x7f800001U, 0x7fffffffU, 0xff800001U, 0xffffffffU, 0x7fc00000U}) {
    EXPECT_TRUE(std::isnan(naive::widen(naive::round_to_bfloat16(of_bits(bits))))) << bits;
  }
}

TEST(Bfloat16, RowsEqualTheTwinBitForBit) {
  for_each_instruction_set([] {
    for (const Index columns : kOddSizes) {
      constexpr Index kRows = 3;
      Guarded values(kRows * (columns + 2));
      fill_random(values.data(), values.count(), 4, -1e3F, 1e3F);
      for (Index i = 0; i < values.count(); i += 5)
        values[i] = of_bits(0x3f808000U + static_cast<std::uint32_t>(i) * 0x10000U);
      if (columns > 3) values[3] = std::numeric_limits<float>::signaling_NaN();
      constexpr Bfloat16 kCanary = 0x1234;
      const auto size = static_cast<std::size_t>(kRows * (columns + 1));
      std::vector<Bfloat16> fast(size, kCanary), expected(size, kCanary);
      round_rows(values.data(), columns + 2, fast.data(), columns + 1, kRows, columns);
      naive::round_rows(values.data(), columns + 2, expected.data(), columns + 1, kRows, columns);
      EXPECT_EQ(fast, expected) << columns;
    }
  });
}

TEST(Bfloat16, AMatrixIsRoundedByAllThreadsTogether) {
  constexpr Index kRows = 150, kColumns = 37, kStride = 40;
  std::vector<float> values(kRows * kStride);
  fill_random(values.data(), kRows * kStride, 9);
  const BasicTensor<Bfloat16> result = rounded(values.data(), kStride, kRows, kColumns);
  ASSERT_EQ(result.shape(), (Shape{kRows, kColumns}));
  for (Index i = 0; i < kRows; ++i) {
    for (Index j = 0; j < kColumns; ++j) {
      ASSERT_EQ(result[i * kColumns + j], naive::round_to_bfloat16(values[static_cast<std::size_t>(i * kStride + j)]));
    }
  }
}

}  // namespace
}  // namespace unfold::kernels
