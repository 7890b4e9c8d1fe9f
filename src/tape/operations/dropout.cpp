// Dropout of a value on the tape.
#include <fmt/core.h>

#include <algorithm>

#include "base/random.h"
#include "tape/operations/tiles.h"
#include "unfold/error.h"
#include "unfold/tape.h"

namespace unfold {

namespace {

/// values[i] *= mask_i, where mask_i is 0 with probability `rate`, else 1 / (1 - rate): a function of (key, i) alone.
void apply_mask(Tensor& values, double rate, std::uint64_t key) {
  const auto threshold = static_cast<std::uint64_t>(rate * 4294967296.0);  // of 32 random bits
  const auto kept = static_cast<float>(1.0 / (1.0 - rate));
  for_tiles(values.count(), kElementsPerTile, [&](Index begin, Index end) {
    for (Index block = begin; block < end; block += 4) {
      const auto bits = philox(key, 0, static_cast<std::uint64_t>(block / 4));
      for (Index i = block; i < std::min(block + 4, end); ++i) {
        values[i] *= bits[static_cast<std::size_t>(i - block)] < threshold ? 0.0F : kept;
      }
    }
  });
}

}  // namespace

Variable dropout(Tape& tape, Variable x, double rate, std::uint64_t key) {
  if (!(rate >= 0.0 && rate < 1.0)) throw ContractError(fmt::format("dropout's rate must be in [0, 1), not {}", rate));
  if (rate == 0.0) return x;
  const Tensor& value = tape.value(x);
  Tensor y = tape.take(value.shape());
  std::copy(value.values().begin(), value.values().end(), y.data());
  apply_mask(y, rate, key);
  return tape.record(std::move(y), {x}, [=](Tape& back, Tensor dy) {
    // y = mask * x:  dx = mask * dy, the mask drawn again
    apply_mask(dy, rate, key);
    back.add_gradient(x, std::move(dy));
  });
}

}  // namespace unfold
