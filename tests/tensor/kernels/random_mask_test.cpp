// Masks drawn many numbers at once against the twin that draws them one by one.
#include "tensor/kernels/random_mask.h"

#include <algorithm>

#include "kernel_test.h"
#include "tensor/kernels/random_mask_naive.h"

namespace unfold::kernels {
namespace {

TEST(RandomMask, EqualsTheTwinBitForBit) {
  for_each_instruction_set([] {
    for (const std::uint64_t apart : {1U, 4U}) {
      for (const double rate : {0.0, 0.1, 0.25, 0.999999}) {
        for (const Index count : {1, 3, 17, 63, 64, 65, 511, 513, 4099}) {
          const MaskNumbers numbers{.key = 0x123456789abcdef0, .high = 0xfedcba9876543210, .apart = apart};
          Guarded fast(count), expected(count);
          draw_mask(numbers, rate, 1.5F, count, fast.data());
          naive::draw_mask(numbers, rate, 1.5F, 0, count, expected.data());
          for (Index i = 0; i < count; ++i) ASSERT_EQ(fast[i], expected[i]) << i << " of " << count << " at " << rate;
          EXPECT_TRUE(fast.intact());
        }
      }
    }
  });
}

TEST(RandomMask, DropsAsManyAsTheRateSays) {
  constexpr Index kCount = 100000;
  std::vector<float> values(kCount);
  draw_mask({.key = 5}, 0.3, 2.0F, kCount, values.data());
  const auto dropped = std::ranges::count(values, 0.0F);
  EXPECT_EQ(std::ranges::count(values, 2.0F), kCount - dropped);
  EXPECT_NEAR(static_cast<double>(dropped), 0.3 * kCount, 5 * 145.0);  // five deviations of sqrt(n p (1 - p))
}

TEST(RandomMask, WhatIsDrawnIsPhiloxsNumbers) {
  // The first four of key and counter 0 (the vectors of Random123): 0x6627e8d5 e169c58d bc57ac4c 9b00dbd8.
  std::vector<float> values(4);
  draw_mask({}, 0.5, 1.0F, 4, values.data());
  EXPECT_EQ(values, (std::vector<float>{0, 1, 1, 1}));
}

}  // namespace
}  // namespace unfold::kernels
