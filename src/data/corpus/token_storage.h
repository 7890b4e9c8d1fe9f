// How tokens are stored: little-endian numbers of 1, 2 or 4 bytes, the fewest that hold every token, in memory or in a
// file.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "unfold/tensor.h"

namespace unfold {

/// Bytes a token takes where `largest` is the largest: 1, 2 or 4.
Index token_width(Index largest);

/// The tokens as bytes and back. `bytes` has tokens.size() * width bytes.
void pack_tokens(std::span<const std::int32_t> tokens, Index width, std::byte* bytes);
void unpack_tokens(const std::byte* bytes, Index width, std::span<std::int32_t> tokens);

class TokenStorage {
 public:
  virtual ~TokenStorage() = default;
  virtual Index size() const = 0;
  /// Tokens [begin, begin + to.size()), which exist.
  virtual void read(Index begin, std::span<std::int32_t> to) const = 0;
};

/// In memory.
class TokenArray final : public TokenStorage {
 public:
  /// For tokens up to `largest`.
  explicit TokenArray(Index largest) : width_(token_width(largest)) {}
  void append(std::span<const std::int32_t> tokens);

  Index size() const override { return static_cast<Index>(bytes_.size()) / width_; }
  void read(Index begin, std::span<std::int32_t> to) const override;

 private:
  Index width_;
  std::vector<std::byte> bytes_;
};

}  // namespace unfold
