// A checksum that finds damaged files.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace unfold {

/// CRC-32 (ISO 3309, as in gzip and PNG) of `bytes`. Pass the result for one part as `before` to continue with the
/// next: checksum(b, checksum(a)) is that of a and b together. Finds every change within 32 neighbouring bits.
std::uint32_t checksum(std::span<const std::byte> bytes, std::uint32_t before = 0);

}  // namespace unfold
