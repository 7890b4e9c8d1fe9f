// Token files: a header of 32 bytes, then the tokens. See docs/file_format.md.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <vector>

#include "base/descriptor.h"
#include "data/corpus/token_storage.h"

namespace unfold {

/// Writes a token file from its beginning to its end. The file is complete when `finish` has returned; before that,
/// opening it fails.
class TokenFileWriter {
 public:
  /// For tokens up to `largest`. Throws InputError where the file cannot be written, as do the others.
  TokenFileWriter(std::filesystem::path file, Index largest);
  void append(std::span<const std::int32_t> tokens);
  /// Returns the checksum of the tokens.
  std::uint32_t finish();

 private:
  void write(std::span<const std::byte> bytes);

  std::filesystem::path path_;
  Descriptor file_;
  Index width_;
  Index count_ = 0;
  std::uint32_t checksum_ = 0;
  std::vector<std::byte> buffer_;
};

/// A token file, opened and its checksum verified. Throws InputError where it is damaged or cut off.
class TokenFile final : public TokenStorage {
 public:
  explicit TokenFile(const std::filesystem::path& path);

  Index size() const override { return count_; }
  void read(Index begin, std::span<std::int32_t> to) const override;
  std::uint32_t checksum() const { return checksum_; }

 private:
  std::uint32_t checksum_of_tokens() const;

  std::filesystem::path path_;
  Descriptor file_;
  Index width_ = 0;
  Index count_ = 0;
  std::uint32_t checksum_ = 0;
};

}  // namespace unfold
