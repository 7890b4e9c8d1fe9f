// Dropout of sequences: which rows share a mask, and that batching changes none.
#include "layers/dropout.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace unfold {
namespace {

constexpr Index kWidth = 40;

/// Masks of a batch as rows of 0 and 1 / (1 - rate).
Tensor masks(const Dropout& dropout, const Unrolling& unrolling, const MaskKeys& keys,
             DropoutSite site = DropoutSite::kInput) {
  Tape tape(Tape::Recording::kOff);
  Tensor ones({unrolling.rows(), kWidth});
  ones.fill(1);
  return Tensor(tape.value(drop(tape, tape.constant(ones), dropout, unrolling, keys, site)));
}

bool same_row(const Tensor& a, Index row_of_a, const Tensor& b, Index row_of_b) {
  return std::equal(a.data() + row_of_a * kWidth, a.data() + (row_of_a + 1) * kWidth, b.data() + row_of_b * kWidth);
}

MaskKeys keys_of(std::uint64_t seed, std::uint64_t step, std::vector<std::uint64_t> sequences = {}) {
  MaskKeys keys;
  keys.seed = seed;
  keys.training_step = step;
  keys.sequences = std::move(sequences);
  return keys;
}

constexpr Dropout kNaive{.mask = Dropout::Mask::kEveryStep, .rate = 0.5};
constexpr Dropout kVariational{.mask = Dropout::Mask::kEverySequence, .rate = 0.5};

TEST(Dropout, AVariationalMaskLastsASequenceAndANaiveOneAStep) {
  const Unrolling unrolling = Unrolling::equal(3, 2);
  const Tensor variational = masks(kVariational, unrolling, {});
  const Tensor naive = masks(kNaive, unrolling, {});
  for (Index tick = 1; tick < 3; ++tick) {
    for (Index sequence = 0; sequence < 2; ++sequence) {
      EXPECT_TRUE(same_row(variational, 2 * tick + sequence, variational, sequence));
      EXPECT_FALSE(same_row(naive, 2 * tick + sequence, naive, sequence));
    }
  }
  EXPECT_FALSE(same_row(variational, 0, variational, 1));
}

TEST(Dropout, MasksFollowTheirKeysAlone) {
  const Unrolling unrolling = Unrolling::equal(2, 1);
  const MaskKeys keys = keys_of(1, 2);
  const Tensor base = masks(kNaive, unrolling, keys);
  EXPECT_TRUE(same_row(base, 0, masks(kNaive, unrolling, keys), 0));
  MaskKeys other = keys;
  other.seed = 2;
  EXPECT_FALSE(same_row(base, 0, masks(kNaive, unrolling, other), 0));
  other = keys;
  other.training_step = 3;
  EXPECT_FALSE(same_row(base, 0, masks(kNaive, unrolling, other), 0));
  other = keys;
  other.layer = 4;
  EXPECT_FALSE(same_row(base, 0, masks(kNaive, unrolling, other), 0));
  EXPECT_FALSE(same_row(base, 0, masks(kNaive, unrolling, keys, DropoutSite::kOutput), 0));
  other = keys;
  other.first_tick = 1;
  EXPECT_TRUE(same_row(base, 1, masks(kNaive, unrolling, other), 0));
}

TEST(Dropout, BatchingChangesNoMask) {
  const std::vector<Index> lengths = {2, 4, 3};
  const Unrolling together = Unrolling::ragged(lengths);
  for (const Dropout& dropout : {kNaive, kVariational}) {
    const Tensor all = masks(dropout, together, keys_of(0, 0, {7, 8, 9}));
    for (Index sequence = 0; sequence < 3; ++sequence) {
      const Unrolling alone = Unrolling::equal(lengths[static_cast<std::size_t>(sequence)], 1);
      const Tensor one = masks(dropout, alone, keys_of(0, 0, {7 + static_cast<std::uint64_t>(sequence)}));
      for (Index tick = 0; tick < alone.steps(); ++tick) {
        EXPECT_TRUE(same_row(all, together.row(sequence, tick), one, tick)) << sequence << " " << tick;
      }
    }
  }
}

TEST(Dropout, WordsAreDroppedWholeAndEverywhereInTheirSequence) {
  const std::vector<std::int32_t> tokens = {1, 2, 3, 1, 1, 3, 2, 2, 1, 4, 5, 6};
  const Unrolling unrolling = Unrolling::equal(6, 2);
  bool differs = false;
  Index dropped = 0;
  constexpr std::uint64_t kSteps = 200;
  for (std::uint64_t step = 0; step < kSteps; ++step) {
    Tape tape(Tape::Recording::kOff);
    Tensor ones({12, 3});
    ones.fill(1);
    const Tensor& y = tape.value(drop_words(tape, tape.constant(ones), 0.25, tokens, unrolling, keys_of(1, step)));
    for (Index row = 0; row < 12; ++row) {
      EXPECT_EQ(y[3 * row], y[3 * row + 2]);
      EXPECT_TRUE(y[3 * row] == 0.0F || y[3 * row] == static_cast<float>(1 / 0.75));
    }
    // Sequence 0 reads 1 3 1 2 1 5, sequence 1 reads 2 1 3 2 4 6.
    EXPECT_EQ(y[0], y[3 * 4]);
    EXPECT_EQ(y[0], y[3 * 8]);
    EXPECT_EQ(y[3 * 1], y[3 * 7]);
    differs = differs || y[0] != y[3 * 3];  // of the same word in the other sequence
    dropped += y[0] == 0.0F ? 1 : 0;
  }
  EXPECT_TRUE(differs);
  // 5 deviations of a binomial with n = 200, p = 0.25.
  EXPECT_NEAR(static_cast<double>(dropped), 50, 5 * 6.2);
}

TEST(Dropout, KeepsTheMean) {
  constexpr Index kSamples = 400;
  double sum = 0;
  for (std::uint64_t step = 0; step < kSamples; ++step) {
    const Tensor mask =
        masks({.mask = Dropout::Mask::kEverySequence, .rate = 0.3}, Unrolling::equal(1, 1), keys_of(0, step));
    for (const float value : mask.values()) sum += static_cast<double>(value);
  }
  // 5 deviations of the mean of 16000 values with variance 0.3 / 0.7.
  EXPECT_NEAR(sum / (kSamples * kWidth), 1.0, 5 * 0.0052);
}

}  // namespace
}  // namespace unfold
