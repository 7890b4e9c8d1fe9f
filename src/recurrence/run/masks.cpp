#include "recurrence/run/masks.h"

#include "base/random.h"

namespace unfold::recurrence {

template <class Real>
void draw_mask(const MaskDeclaration& mask, Index site, const MaskKeys& keys, Index sequence, Index tick,
               Real* values) {
  const std::uint64_t sequence_key = keys.sequences.empty() ? static_cast<std::uint64_t>(sequence)
                                                            : keys.sequences[static_cast<std::size_t>(sequence)];
  std::uint64_t key = combine(combine(keys.seed, keys.training_step), keys.layer);
  key = combine(combine(key, static_cast<std::uint64_t>(site)), sequence_key);
  // A mask that lasts a sequence must not depend on the tick; 0 stands for "all ticks".
  const std::uint64_t when = mask.every_tick ? keys.first_tick + static_cast<std::uint64_t>(tick) + 1 : 0;
  const double limit = mask.rate * 4294967296.0;
  const auto kept = static_cast<Real>(1.0 / (1.0 - mask.rate));
  const Index size = mask.shape.count();
  for (Index unit = 0; unit < size; unit += 4) {
    const auto bits = philox(key, when, static_cast<std::uint64_t>(unit));
    for (Index k = 0; k < 4 && unit + k < size; ++k) {
      values[unit + k] = static_cast<double>(bits[static_cast<std::size_t>(k)]) < limit ? Real(0) : kept;
    }
  }
}

template void draw_mask(const MaskDeclaration&, Index, const MaskKeys&, Index, Index, float*);
template void draw_mask(const MaskDeclaration&, Index, const MaskKeys&, Index, Index, double*);

}  // namespace unfold::recurrence
