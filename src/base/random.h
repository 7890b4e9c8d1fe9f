// Counter-based random numbers: a pure function of (key, counter), so any number can be drawn at any time, in any
// order, by any thread. Philox 4x32-10, Salmon et al. 2011.
#pragma once

#include <array>
#include <cstdint>

namespace unfold {

/// Four independent 32-bit numbers for (key, counter): the counter's four words are low, then high, the lower half
/// first.
std::array<std::uint32_t, 4> philox(std::uint64_t key, std::uint64_t counter_high, std::uint64_t counter_low);

/// Mixes several integers into one key, e.g. combine(combine(seed, step), layer).
std::uint64_t combine(std::uint64_t a, std::uint64_t b);

/// A stream of numbers with a position that can be saved: (key, counter). The counter is the number of `bits` drawn.
class Random {
 public:
  explicit Random(std::uint64_t key, std::uint64_t counter = 0) : key_(key), counter_(counter) {}
  std::uint32_t bits();
  /// In [0, 1), 24 random bits; in [0, 1) with 53 bits; standard normal (Box-Muller).
  float uniform();
  double uniform_double();
  double normal();
  /// In [0, bound), unbiased. Throws ContractError for a bound of 0.
  std::uint64_t below(std::uint64_t bound);
  std::uint64_t key() const { return key_; }
  std::uint64_t counter() const { return counter_; }

 private:
  std::uint64_t key_;
  std::uint64_t counter_;
  std::array<std::uint32_t, 4> block_{};  // the four numbers around the counter, once drawn
  bool has_block_ = false;
};

}  // namespace unfold
