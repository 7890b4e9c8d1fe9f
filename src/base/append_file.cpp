#include "base/append_file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <span>
#include <string>

#include "unfold/error.h"

namespace unfold {

AppendFile::AppendFile(std::filesystem::path path)
    : path_(std::move(path)), file_(::open(path_.c_str(), O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0666)) {
  if (!file_.is_open()) fail();
}

void AppendFile::append(std::string_view bytes) {
  const off_t before = ::lseek(file_.number(), 0, SEEK_END);
  if (write_all(file_.number(), std::as_bytes(std::span(bytes)))) return;
  const int reason = errno;
  // Best effort: if even this fails, the next opening deals with the piece.
  [[maybe_unused]] const int ignored = before < 0 ? 0 : ::ftruncate(file_.number(), before);
  errno = reason;
  fail();
}

void AppendFile::cut_after_last(char end) {
  struct stat status {};
  if (::fstat(file_.number(), &status) != 0) fail();
  if (!S_ISREG(status.st_mode)) return;
  off_t length = status.st_size;
  char last = 0;
  while (length > 0 && ::pread(file_.number(), &last, 1, length - 1) == 1 && last != end) --length;
  if (::ftruncate(file_.number(), length) != 0) fail();
}

void AppendFile::fail() const {
  const char* const advice = errno == ENOSPC || errno == EDQUOT ? "; free some space, then try again" : "";
  throw InputError(fmt::format("cannot append to '{}': {}{}", path_.string(), system_reason(), advice));
}

}  // namespace unfold
