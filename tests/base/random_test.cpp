#include "base/random.h"

#include <gtest/gtest.h>

#include <cmath>
#include <set>
#include <vector>

#include "unfold/error.h"

namespace unfold {
namespace {

using Words = std::array<std::uint32_t, 4>;

// The known answers published with Random123 (Salmon et al. 2011) for philox4x32, 10 rounds.
TEST(Philox, GivesThePublishedAnswers) {
  EXPECT_EQ(philox(0, 0, 0), (Words{0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8}));
  const std::uint64_t ones = 0xffffffffffffffff;
  EXPECT_EQ(philox(ones, ones, ones), (Words{0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd}));
  // Counter 243f6a88 85a308d3 13198a2e 03707344, key a4093822 299f31d0 (digits of pi), first word lowest.
  EXPECT_EQ(philox(0x299f31d0a4093822, 0x0370734413198a2e, 0x85a308d3243f6a88),
            (Words{0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1}));
}

TEST(Combine, SeparatesOrderAndNeighbours) {
  std::set<std::uint64_t> keys;
  for (std::uint64_t a = 0; a < 20; ++a) {
    for (std::uint64_t b = 0; b < 20; ++b) keys.insert(combine(a, b));
  }
  EXPECT_EQ(keys.size(), 400u);
}

TEST(Random, IsPhiloxInOrderAndContinuesFromItsCounter) {
  Random random(7);
  std::vector<std::uint32_t> drawn;
  for (int i = 0; i < 12; ++i) drawn.push_back(random.bits());
  for (std::uint64_t i = 0; i < 12; ++i) EXPECT_EQ(drawn[i], philox(7, 0, i / 4)[i % 4]) << i;
  for (std::uint64_t start = 0; start < 12; ++start) {
    Random resumed(7, start);
    for (std::uint64_t i = start; i < 12; ++i) EXPECT_EQ(resumed.bits(), drawn[i]) << start << " " << i;
    EXPECT_EQ(resumed.counter(), 12u);
  }
}

// Mean and variance over this many draws; five standard errors, and the seed is fixed, so these never fail by chance.
constexpr int kDraws = 100'000;
constexpr double kStandardErrors = 5;

TEST(Random, UniformFillsTheUnitInterval) {
  Random random(1);
  double sum = 0;
  double sum_double = 0;
  for (int i = 0; i < kDraws; ++i) {
    const float u = random.uniform();
    const double v = random.uniform_double();
    ASSERT_GE(u, 0.0F);
    ASSERT_LT(u, 1.0F);
    ASSERT_GE(v, 0.0);
    ASSERT_LT(v, 1.0);
    sum += static_cast<double>(u);
    sum_double += v;
  }
  const double tolerance = kStandardErrors * std::sqrt(1.0 / 12 / kDraws);
  EXPECT_NEAR(sum / kDraws, 0.5, tolerance);
  EXPECT_NEAR(sum_double / kDraws, 0.5, tolerance);
}

TEST(Random, NormalHasTheMomentsOfAStandardNormal) {
  Random random(2);
  double sum = 0;
  double squares = 0;
  double fourths = 0;
  for (int i = 0; i < kDraws; ++i) {
    const double z = random.normal();
    sum += z;
    squares += z * z;
    fourths += z * z * z * z;
  }
  // Variances of z, z^2 and z^4 are 1, 2 and 96.
  EXPECT_NEAR(sum / kDraws, 0, kStandardErrors * std::sqrt(1.0 / kDraws));
  EXPECT_NEAR(squares / kDraws, 1, kStandardErrors * std::sqrt(2.0 / kDraws));
  EXPECT_NEAR(fourths / kDraws, 3, kStandardErrors * std::sqrt(96.0 / kDraws));
}

TEST(Random, BelowReachesEveryNumberEquallyOften) {
  Random random(3);
  std::array<int, 7> counts{};
  for (int i = 0; i < kDraws; ++i) ++counts.at(random.below(7));
  const double expected = kDraws / 7.0;
  for (const int count : counts) EXPECT_NEAR(count, expected, kStandardErrors * std::sqrt(expected));
  EXPECT_EQ(random.below(1), 0u);
}

TEST(Random, BelowStaysUnderBoundsThatDoNotDivideTheRange) {
  Random random(4);
  const std::uint64_t bound = (std::uint64_t{1} << 63) + 1;  // almost half of all draws are rejected
  for (int i = 0; i < 1000; ++i) EXPECT_LT(random.below(bound), bound);
  EXPECT_THROW(random.below(0), ContractError);
}

}  // namespace
}  // namespace unfold
