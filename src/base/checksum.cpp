// CRC-32 by zlib, CRC-32C by table.
#include "base/checksum.h"

#include <zlib.h>

#include <array>

namespace unfold {
namespace {

/// The remainder of every byte, bits in reversed order, as the polynomial is.
constexpr std::array<std::uint32_t, 256> castagnoli_table() {
  constexpr std::uint32_t kPolynomial = 0x82F63B78;
  std::array<std::uint32_t, 256> table{};
  for (std::uint32_t byte = 0; byte < table.size(); ++byte) {
    std::uint32_t remainder = byte;
    for (int bit = 0; bit < 8; ++bit) remainder = remainder >> 1 ^ (remainder % 2 == 1 ? kPolynomial : 0);
    table[byte] = remainder;
  }
  return table;
}

}  // namespace

std::uint32_t checksum(std::span<const std::byte> bytes, std::uint32_t before) {
  // zlib reads a null pointer, which an empty span may hold, as "give the initial value".
  if (bytes.empty()) return before;
  return static_cast<std::uint32_t>(crc32_z(before, reinterpret_cast<const Bytef*>(bytes.data()), bytes.size()));
}

std::uint32_t checksum_castagnoli(std::span<const std::byte> bytes) {
  static constexpr std::array<std::uint32_t, 256> kTable = castagnoli_table();
  std::uint32_t remainder = ~std::uint32_t{0};
  for (const std::byte byte : bytes) {
    remainder = remainder >> 8 ^ kTable[(remainder ^ static_cast<std::uint32_t>(byte)) & 0xFF];
  }
  return ~remainder;
}

}  // namespace unfold
