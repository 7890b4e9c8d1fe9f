// Checksums that find damaged files.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace unfold {

/// CRC-32 (ISO 3309, as in gzip and PNG) of `bytes`. Pass the result for one part as `before` to continue with the
/// next: checksum(b, checksum(a)) is that of a and b together. Finds every change within 32 neighbouring bits.
std::uint32_t checksum(std::span<const std::byte> bytes, std::uint32_t before = 0);

/// CRC-32C (Castagnoli's polynomial, as in iSCSI, RFC 3720, and in TensorFlow's records) of `bytes`.
std::uint32_t checksum_castagnoli(std::span<const std::byte> bytes);

}  // namespace unfold
