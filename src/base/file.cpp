// Reading whole files.
#include "base/file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

#include "base/descriptor.h"
#include "unfold/error.h"

namespace unfold {
namespace {

constexpr std::size_t kChunk = std::size_t{1} << 20;

[[noreturn]] void fail(const std::filesystem::path& path) {
  const char* const advice = errno == ENOENT   ? "; check the name"
                             : errno == EACCES ? "; check its permissions"
                             : errno == EISDIR ? "; expected a file, name one inside it"
                                               : "";
  throw InputError(fmt::format("cannot read '{}': {}{}", path.string(), system_reason(), advice));
}

}  // namespace

std::string read_file(const std::filesystem::path& path) {
  const Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!file.is_open()) fail(path);
  struct stat status {};
  if (::fstat(file.number(), &status) != 0) fail(path);
  // A file's size saves growing the buffer, but pipes have none and files may grow: reading ends at the end alone.
  std::string content(static_cast<std::size_t>(status.st_size) + 1, '\0');
  std::size_t length = 0;
  for (;;) {
    if (length == content.size()) content.resize(length + kChunk);
    const ssize_t count = ::read(file.number(), content.data() + length, content.size() - length);
    if (count < 0 && errno != EINTR) fail(path);
    if (count == 0) break;
    if (count > 0) length += static_cast<std::size_t>(count);
  }
  content.resize(length);
  return content;
}

}  // namespace unfold
