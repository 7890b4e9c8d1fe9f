// Appending lines to a file.
#include "base/line_log.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <string>

#include "unfold/error.h"

namespace unfold {
namespace {

[[noreturn]] void fail(const std::filesystem::path& path) {
  const char* const advice = errno == ENOSPC || errno == EDQUOT ? "; free some space, then try again" : "";
  throw InputError(fmt::format("cannot append to '{}': {}{}", path.string(), system_reason(), advice));
}

// Bytes of `file` up to and including its last line end.
off_t whole_lines(int file) {
  off_t end = ::lseek(file, 0, SEEK_END);
  char last = 0;
  while (end > 0 && ::pread(file, &last, 1, end - 1) == 1 && last != '\n') --end;
  return end;
}

}  // namespace

LineLog::LineLog(std::filesystem::path path)
    : path_(std::move(path)), file_(::open(path_.c_str(), O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0666)) {
  if (!file_.is_open()) fail(path_);
  struct stat status {};
  if (::fstat(file_.number(), &status) != 0) fail(path_);
  if (S_ISREG(status.st_mode) && ::ftruncate(file_.number(), whole_lines(file_.number())) != 0) fail(path_);
}

void LineLog::append(std::string_view line) {
  if (line.find('\n') != std::string_view::npos) {
    throw ContractError(fmt::format("LineLog::append: expected one line, found a line end in '{}'", line));
  }
  const std::string whole = std::string(line) + '\n';
  if (write_all(file_.number(), std::as_bytes(std::span(whole)))) return;
  const int reason = errno;
  // Best effort: if even this fails, the next opening cuts the piece off.
  [[maybe_unused]] const int ignored = ::ftruncate(file_.number(), whole_lines(file_.number()));
  errno = reason;
  fail(path_);
}

}  // namespace unfold
