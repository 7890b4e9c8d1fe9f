// Philox 4x32-10 and the distributions drawn from it.
#include "base/random.h"

#include <cmath>
#include <numbers>

#include "base/philox.h"
#include "unfold/error.h"

namespace unfold {
namespace {

using namespace philox_constants;

// Streams use the counters with a high half of zero, `combine` those with one, so that keys and numbers never coincide.
constexpr std::uint64_t kStreamHigh = 0;
constexpr std::uint64_t kCombineHigh = 1;

constexpr std::uint32_t low(std::uint64_t x) { return static_cast<std::uint32_t>(x); }
constexpr std::uint32_t high(std::uint64_t x) { return static_cast<std::uint32_t>(x >> 32); }

}  // namespace

std::array<std::uint32_t, 4> philox(std::uint64_t key, std::uint64_t counter_high, std::uint64_t counter_low) {
  std::array<std::uint32_t, 4> x = {low(counter_low), high(counter_low), low(counter_high), high(counter_high)};
  std::uint32_t key0 = low(key);
  std::uint32_t key1 = high(key);
  for (int round = 0; round < kRounds; ++round) {
    const std::uint64_t product0 = kMultiplier0 * x[0];
    const std::uint64_t product1 = kMultiplier1 * x[2];
    x = {high(product1) ^ x[1] ^ key0, low(product1), high(product0) ^ x[3] ^ key1, low(product0)};
    key0 += kWeyl0;
    key1 += kWeyl1;
  }
  return x;
}

std::uint64_t combine(std::uint64_t a, std::uint64_t b) {
  const auto x = philox(a, kCombineHigh, b);
  return (std::uint64_t{x[1]} << 32) | x[0];
}

std::uint32_t Random::bits() {
  const std::uint64_t position = counter_ % 4;
  if (position == 0 || !has_block_) {
    block_ = philox(key_, kStreamHigh, counter_ / 4);
    has_block_ = true;
  }
  ++counter_;
  return block_[position];
}

float Random::uniform() { return static_cast<float>(bits() >> 8) * 0x1p-24F; }

double Random::uniform_double() {
  const std::uint64_t first = bits() >> 5;   // 27 bits
  const std::uint64_t second = bits() >> 6;  // 26 bits
  return static_cast<double>((first << 26) | second) * 0x1p-53;
}

double Random::normal() {
  // Box & Muller 1958: sqrt(-2 ln u) cos(2 pi v) for u in (0, 1], v in [0, 1). The sine twin is not kept, so that the
  // counter alone is the whole state.
  const double u = 1.0 - uniform_double();
  const double v = uniform_double();
  return std::sqrt(-2.0 * std::log(u)) * std::cos(2.0 * std::numbers::pi * v);
}

std::uint64_t Random::below(std::uint64_t bound) {
  if (bound == 0) throw ContractError("Random::below: the bound must be at least 1, found 0");
  // The 2^64 mod bound smallest numbers are drawn again, so that every remainder is equally likely.
  const std::uint64_t rejected = (0 - bound) % bound;
  for (;;) {
    const std::uint64_t upper = bits();
    const std::uint64_t x = (upper << 32) | bits();
    if (x >= rejected) return x % bound;
  }
}

}  // namespace unfold
