// What the tests of kernels share: values, buffers with canaries, distances in units of the last place.
#pragma once

#include <gtest/gtest.h>
#include <hwy/highway.h>

#include <bit>
#include <cmath>
#include <cstdint>
#include <limits>
#include <vector>

#include "base/random.h"
#include "unfold/tensor.h"

namespace unfold::kernels {

/// Sizes around the widths of vectors (1 to 16 floats) and of the kernels' blocks.
inline constexpr Index kOddSizes[] = {0, 1, 2, 3, 7, 8, 15, 16, 17, 31, 33, 63, 64, 65, 127, 1000};

/// A buffer with canaries before and after its elements, which start at an address that is not aligned.
class Guarded {
 public:
  explicit Guarded(Index count) : memory_(static_cast<std::size_t>(count + 2 * kMargin), kCanary), count_(count) {}
  float* data() { return memory_.data() + kMargin; }
  float& operator[](Index i) { return data()[i]; }
  float operator[](Index i) const { return memory_[static_cast<std::size_t>(kMargin + i)]; }
  Index count() const { return count_; }
  bool intact() const {
    for (Index i = 0; i < kMargin; ++i) {
      if (memory_[static_cast<std::size_t>(i)] != kCanary) return false;
      if (memory_[static_cast<std::size_t>(count_ + kMargin + i)] != kCanary) return false;
    }
    return true;
  }

 private:
  static constexpr Index kMargin = 33;
  static constexpr float kCanary = -1234.5f;
  std::vector<float> memory_;
  Index count_;
};

/// Fills with numbers uniform in [low, high).
inline void fill_random(float* values, Index count, std::uint64_t key, float low = -1, float high = 1) {
  Random random(key);
  for (Index i = 0; i < count; ++i) values[i] = low + (high - low) * random.uniform();
}

/// |actual - expected| in units of the last place of `expected` as a float; of the smallest normal number below it.
inline double ulps(float actual, double expected) {
  if (std::isnan(expected)) return std::isnan(actual) ? 0 : std::numeric_limits<double>::infinity();
  const float rounded = static_cast<float>(expected);
  if (std::isinf(rounded) || std::isinf(actual)) return actual == rounded ? 0 : std::numeric_limits<double>::infinity();
  const double magnitude = std::max(std::abs(expected), static_cast<double>(std::numeric_limits<float>::min()));
  const double unit = std::ldexp(1.0, std::ilogb(magnitude) - 23);
  return std::abs(static_cast<double>(actual) - expected) / unit;
}

/// Sums of K products of numbers in [-1, 1): each addition rounds a partial sum of the order of sqrt(K) / 3.
inline double product_tolerance(Index k) { return 1e-6 * std::sqrt(static_cast<double>(k)) * 4 + 1e-6; }

/// Runs a test's body once for every instruction set this machine has, the weakest last.
template <class Body>
void for_each_instruction_set(const Body& body) {
  for (const std::int64_t target : hwy::SupportedAndGeneratedTargets()) {
    SCOPED_TRACE(hwy::TargetName(target));
    hwy::SetSupportedTargetsForTest(target);
    body();
  }
  hwy::SetSupportedTargetsForTest(0);
}

}  // namespace unfold::kernels
