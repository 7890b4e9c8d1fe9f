// Sequences of tokens that may be larger than memory.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <vector>

#include "unfold/tensor.h"

namespace unfold {

class TokenStorage;

/// The tokens of a text, in memory or in a token file, of which only what is asked for is read. A value that can be
/// copied at no cost: copies and parts refer to the same tokens, which do not change.
class Tokens {
 public:
  Tokens() = default;
  /// Copies; tokens are 0 or more (ContractError).
  Tokens(std::span<const std::int32_t> tokens);
  Tokens(const std::vector<std::int32_t>& tokens) : Tokens(std::span(tokens)) {}
  explicit Tokens(std::shared_ptr<const TokenStorage> storage);
  /// A token file (docs/file_format.md), its checksum verified. Throws InputError where it is damaged or cut off.
  static Tokens open(const std::filesystem::path& file);

  Index size() const { return size_; }
  /// Tokens [begin, begin + to.size()). Throws ContractError out of range, InputError where the file cannot be read.
  void read(Index begin, std::span<std::int32_t> to) const;
  /// All of them, in memory.
  std::vector<std::int32_t> all() const;
  /// Tokens [begin, begin + count). Throws ContractError out of range.
  Tokens part(Index begin, Index count) const;

 private:
  std::shared_ptr<const TokenStorage> storage_;
  Index begin_ = 0;
  Index size_ = 0;
};

}  // namespace unfold
