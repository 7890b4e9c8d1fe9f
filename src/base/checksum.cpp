// CRC-32 by zlib.
#include "base/checksum.h"

#include <zlib.h>

namespace unfold {

std::uint32_t checksum(std::span<const std::byte> bytes, std::uint32_t before) {
  // zlib reads a null pointer, which an empty span may hold, as "give the initial value".
  if (bytes.empty()) return before;
  return static_cast<std::uint32_t>(crc32_z(before, reinterpret_cast<const Bytef*>(bytes.data()), bytes.size()));
}

}  // namespace unfold
