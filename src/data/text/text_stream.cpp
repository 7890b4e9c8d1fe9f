#include "data/text/text_stream.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

#include <algorithm>
#include <cerrno>
#include <limits>

#include "base/descriptor.h"
#include "unfold/error.h"

namespace unfold {
namespace {

constexpr const char* kStandardInput = "-";
constexpr std::string_view kCompressed = ".gz";

[[noreturn]] void fail(const std::string& name, std::string_view reason) {
  throw InputError(fmt::format("cannot read '{}': {}", shown_source(name), reason));
}

Descriptor open_source(const std::string& name) {
  const bool standard_input = name == kStandardInput;
  Descriptor file(standard_input ? ::dup(STDIN_FILENO) : ::open(name.c_str(), O_RDONLY | O_CLOEXEC));
  if (!file.is_open()) fail(name, system_reason() + (errno == ENOENT ? "; check the name" : ""));
  struct stat status {};
  if (::fstat(file.number(), &status) == 0 && S_ISDIR(status.st_mode)) {
    errno = EISDIR;
    fail(name, system_reason() + "; expected a file, name one inside it");
  }
  return file;
}

}  // namespace

std::string shown_source(const std::string& name) { return name == kStandardInput ? "standard input" : name; }

struct TextStream::Implementation {
  explicit Implementation(const std::string& source) : name(source), file(open_source(source)) {
    if (!name.ends_with(kCompressed)) return;
    inflated = ::gzdopen(::dup(file.number()), "rb");
    if (inflated == nullptr) fail(name, "there is not enough memory to inflate it");
    if (::gzdirect(inflated) != 0) {
      ::gzclose(inflated);
      fail(name, "its name ends in .gz, but it is not in gzip format; rename it, or compress it");
    }
  }
  ~Implementation() {
    if (inflated != nullptr) ::gzclose(inflated);
  }
  Implementation(const Implementation&) = delete;
  Implementation& operator=(const Implementation&) = delete;

  std::size_t read_some(std::span<char> buffer) {
    if (inflated != nullptr) return inflate_some(buffer);
    for (;;) {
      const ssize_t count = ::read(file.number(), buffer.data(), buffer.size());
      if (count >= 0) return static_cast<std::size_t>(count);
      if (errno != EINTR) fail(name, system_reason());
    }
  }

  std::size_t inflate_some(std::span<char> buffer) {
    const std::size_t most = std::min<std::size_t>(buffer.size(), std::numeric_limits<int>::max());
    const int count = ::gzread(inflated, buffer.data(), static_cast<unsigned>(most));
    int error = Z_OK;
    const char* const message = ::gzerror(inflated, &error);
    // An end in the middle of the compressed data is reported only after the last bytes before it.
    if (count < 0 || (count == 0 && error != Z_OK && error != Z_STREAM_END)) {
      fail(name, fmt::format("the compressed data are damaged or cut off ({}); get the file again", message));
    }
    return static_cast<std::size_t>(count);
  }

  std::string name;
  Descriptor file;
  gzFile inflated = nullptr;
};

TextStream::TextStream(const std::string& name) : implementation_(std::make_unique<Implementation>(name)) {}
TextStream::~TextStream() = default;
TextStream::TextStream(TextStream&&) noexcept = default;

std::size_t TextStream::read(std::span<char> buffer) {
  std::size_t length = 0;
  while (length < buffer.size()) {
    const std::size_t count = implementation_->read_some(buffer.subspan(length));
    if (count == 0) break;
    length += count;
  }
  return length;
}

}  // namespace unfold
