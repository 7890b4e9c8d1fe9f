#include "recurrence/run/masks.h"

#include <type_traits>

#include "base/random.h"
#include "tensor/kernels/random_mask_naive.h"

namespace unfold::recurrence {
namespace {

/// Tells the masks of matrices from those of sites, which count from 0.
constexpr std::uint64_t kOfWeights = ~std::uint64_t{0};

std::uint64_t step_key(const MaskKeys& keys) { return combine(combine(keys.seed, keys.training_step), keys.layer); }

/// 0 with probability `rate`, else `kept`: element i from the number i of (key, when).
template <class Real>
void draw(double rate, double kept, std::uint64_t key, std::uint64_t when, Index count, Real* values) {
  const kernels::MaskNumbers numbers{.key = key, .high = when, .apart = 4};
  if constexpr (std::is_same_v<Real, float>) {
    kernels::draw_mask(numbers, rate, static_cast<float>(kept), count, values);
  } else {
    kernels::naive::draw_mask(numbers, rate, kept, 0, count, values);
  }
}

}  // namespace

std::uint64_t mask_key(Index site, const MaskKeys& keys, Index sequence) {
  const std::uint64_t sequence_key = keys.sequences.empty() ? static_cast<std::uint64_t>(sequence)
                                                            : keys.sequences[static_cast<std::size_t>(sequence)];
  return combine(combine(step_key(keys), static_cast<std::uint64_t>(site)), sequence_key);
}

template <class Real>
void draw_mask(const MaskDeclaration& mask, std::uint64_t key, std::uint64_t first_tick, Index tick, Real* values) {
  // A mask that lasts a sequence must not depend on the tick; 0 stands for "all ticks".
  const std::uint64_t when = mask.every_tick ? first_tick + static_cast<std::uint64_t>(tick) + 1 : 0;
  draw(mask.rate, mask.kept, key, when, mask.shape.count(), values);
}

std::uint64_t weight_mask_key(const MaskKeys& keys) { return combine(step_key(keys), kOfWeights); }

template <class Real>
void draw_weight_mask(double rate, Index parameter, const MaskKeys& keys, Index count, Real* values) {
  draw(rate, 1 / (1 - rate), combine(weight_mask_key(keys), static_cast<std::uint64_t>(parameter)), 0, count, values);
}

template void draw_mask(const MaskDeclaration&, std::uint64_t, std::uint64_t, Index, float*);
template void draw_mask(const MaskDeclaration&, std::uint64_t, std::uint64_t, Index, double*);
template void draw_weight_mask(double, Index, const MaskKeys&, Index, float*);
template void draw_weight_mask(double, Index, const MaskKeys&, Index, double*);

}  // namespace unfold::recurrence
