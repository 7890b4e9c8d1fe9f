#include "data/corpus/token_file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>

#include "base/checksum.h"
#include "unfold/error.h"

namespace unfold {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kMagic = "unfoldtk";
constexpr std::uint64_t kVersion = 1;
constexpr std::size_t kHeader = 32;
constexpr std::size_t kBuffer = std::size_t{1} << 20;

void put(std::byte* to, std::uint64_t number, std::size_t bytes) {
  for (std::size_t i = 0; i < bytes; ++i) to[i] = static_cast<std::byte>(number >> (8 * i));
}

std::uint64_t get(const std::byte* from, std::size_t bytes) {
  std::uint64_t number = 0;
  for (std::size_t i = bytes; i-- > 0;) number = number << 8 | static_cast<std::uint64_t>(from[i]);
  return number;
}

/// magic 8, version 4, width 4, count 8, checksum of the tokens 4, checksum of these 28 bytes 4
std::array<std::byte, kHeader> make_header(Index width, Index count, std::uint32_t tokens) {
  std::array<std::byte, kHeader> header{};
  std::memcpy(header.data(), kMagic.data(), kMagic.size());
  put(header.data() + 8, kVersion, 4);
  put(header.data() + 12, static_cast<std::uint64_t>(width), 4);
  put(header.data() + 16, static_cast<std::uint64_t>(count), 8);
  put(header.data() + 24, tokens, 4);
  put(header.data() + 28, checksum(std::span(header).first(28)), 4);
  return header;
}

[[noreturn]] void fail_reading(const fs::path& path, std::string_view reason) {
  throw InputError(fmt::format("the token file '{}' {}", path.string(), reason));
}

/// All of `bytes` from `offset`.
void read_at(const fs::path& path, const Descriptor& file, std::span<std::byte> bytes, std::size_t offset) {
  while (!bytes.empty()) {
    const ssize_t count = ::pread(file.number(), bytes.data(), bytes.size(), static_cast<off_t>(offset));
    if (count < 0 && errno != EINTR) fail_reading(path, "cannot be read: " + system_reason());
    if (count == 0) fail_reading(path, "is cut off");
    if (count > 0) {
      bytes = bytes.subspan(static_cast<std::size_t>(count));
      offset += static_cast<std::size_t>(count);
    }
  }
}

}  // namespace

TokenFileWriter::TokenFileWriter(fs::path file, Index largest)
    : path_(std::move(file)),
      file_(::open(path_.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666)),
      width_(token_width(largest)) {
  if (!file_.is_open()) throw InputError(fmt::format("cannot write '{}': {}", path_.string(), system_reason()));
  write(std::array<std::byte, kHeader>{});  // no file of ours until it is finished
}

void TokenFileWriter::append(std::span<const std::int32_t> tokens) {
  buffer_.resize(tokens.size() * static_cast<std::size_t>(width_));
  pack_tokens(tokens, width_, buffer_.data());
  checksum_ = checksum(buffer_, checksum_);
  count_ += static_cast<Index>(tokens.size());
  write(buffer_);
}

std::uint32_t TokenFileWriter::finish() {
  ::lseek(file_.number(), 0, SEEK_SET);
  write(make_header(width_, count_, checksum_));
  if (::fsync(file_.number()) != 0) {
    throw InputError(fmt::format("cannot write '{}': {}", path_.string(), system_reason()));
  }
  return checksum_;
}

void TokenFileWriter::write(std::span<const std::byte> bytes) {
  if (write_all(file_.number(), bytes)) return;
  throw InputError(fmt::format("cannot write '{}': {}; free some space, or choose another disk for the run",
                               path_.string(), system_reason()));
}

TokenFile::TokenFile(const fs::path& path) : path_(path), file_(::open(path.c_str(), O_RDONLY | O_CLOEXEC)) {
  if (!file_.is_open()) fail_reading(path, "cannot be read: " + system_reason());
  std::array<std::byte, kHeader> header{};
  read_at(path, file_, header, 0);
  width_ = static_cast<Index>(get(header.data() + 12, 4));
  count_ = static_cast<Index>(get(header.data() + 16, 8));
  checksum_ = static_cast<std::uint32_t>(get(header.data() + 24, 4));
  if (header != make_header(width_, count_, checksum_)) fail_reading(path, "is damaged, or of another version");
  struct stat status {};
  ::fstat(file_.number(), &status);
  if (status.st_size != static_cast<off_t>(kHeader) + count_ * width_) fail_reading(path, "is cut off");
  if (checksum_of_tokens() != checksum_) fail_reading(path, "is damaged: its checksum differs");
}

void TokenFile::read(Index begin, std::span<std::int32_t> to) const {
  std::vector<std::byte> bytes(to.size() * static_cast<std::size_t>(width_));
  read_at(path_, file_, bytes, kHeader + static_cast<std::size_t>(begin * width_));
  unpack_tokens(bytes.data(), width_, to);
}

std::uint32_t TokenFile::checksum_of_tokens() const {
  std::uint32_t result = 0;
  std::vector<std::byte> buffer(kBuffer);
  const std::size_t size = kHeader + static_cast<std::size_t>(count_ * width_);
  for (std::size_t at = kHeader; at < size; at += kBuffer) {
    const auto part = std::span(buffer).first(std::min(kBuffer, size - at));
    read_at(path_, file_, part, at);
    result = unfold::checksum(part, result);
  }
  return result;
}

}  // namespace unfold
