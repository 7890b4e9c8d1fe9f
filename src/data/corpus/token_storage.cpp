#include "data/corpus/token_storage.h"

#include <limits>

namespace unfold {

Index token_width(Index largest) {
  if (largest <= std::numeric_limits<std::uint8_t>::max()) return 1;
  return largest <= std::numeric_limits<std::uint16_t>::max() ? 2 : 4;
}

// Byte by byte, so that a file means the same on every machine; the compiler makes plain loads and stores of it.
void pack_tokens(std::span<const std::int32_t> tokens, Index width, std::byte* bytes) {
  for (const std::int32_t token : tokens) {
    const auto bits = static_cast<std::uint32_t>(token);
    for (Index i = 0; i < width; ++i) *bytes++ = static_cast<std::byte>(bits >> (8 * i));
  }
}

void unpack_tokens(const std::byte* bytes, Index width, std::span<std::int32_t> tokens) {
  for (std::int32_t& token : tokens) {
    std::uint32_t bits = 0;
    for (Index i = 0; i < width; ++i) bits |= static_cast<std::uint32_t>(*bytes++) << (8 * i);
    token = static_cast<std::int32_t>(bits);
  }
}

void TokenArray::append(std::span<const std::int32_t> tokens) {
  const std::size_t length = bytes_.size();
  bytes_.resize(length + tokens.size() * static_cast<std::size_t>(width_));
  pack_tokens(tokens, width_, bytes_.data() + length);
}

void TokenArray::read(Index begin, std::span<std::int32_t> to) const {
  unpack_tokens(bytes_.data() + begin * width_, width_, to);
}

}  // namespace unfold
