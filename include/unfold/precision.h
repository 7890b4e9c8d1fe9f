// The number format of matrix products.
#pragma once

#include <cstdint>

namespace unfold {

/// What the operands of a matrix product are rounded to. Sums, states, everything elementwise, gradients and the
/// trained weights themselves are float32 in any case.
enum class Precision : std::uint8_t {
  kFloat32,
  kBfloat16,  // 8 bits of mantissa: twice as many products a second where the machine has instructions for it
};

/// Whether this machine multiplies bfloat16 by instructions of its own. Elsewhere such products are slow, though right.
bool multiplies_bfloat16();

}  // namespace unfold
