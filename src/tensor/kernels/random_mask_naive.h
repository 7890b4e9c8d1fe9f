// The naive twin of drawing masks.
#pragma once

#include "base/random.h"
#include "tensor/kernels/random_mask.h"

namespace unfold::kernels::naive {

/// Of values first ... count - 1; `first` is a multiple of 4.
template <class Real>
void draw_mask(const MaskNumbers& numbers, double rate, Real kept, Index first, Index count, Real* values) {
  const double limit = rate * 0x1p32;
  for (Index i = first; i < count; i += 4) {
    const auto bits = philox(numbers.key, numbers.high, static_cast<std::uint64_t>(i / 4) * numbers.apart);
    for (Index k = 0; k < 4 && i + k < count; ++k) {
      values[i + k] = static_cast<double>(bits[static_cast<std::size_t>(k)]) < limit ? Real(0) : kept;
    }
  }
}

}  // namespace unfold::kernels::naive
