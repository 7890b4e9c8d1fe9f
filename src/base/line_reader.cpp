#include "base/line_reader.h"

#include <fcntl.h>
#include <fmt/core.h>
#include <unistd.h>

#include <cerrno>
#include <utility>

#include "unfold/error.h"

namespace unfold {

namespace {

constexpr std::size_t kBlock = 1 << 16;
constexpr const char* kStandardInput = "-";

}  // namespace

LineReader::LineReader(std::string name)
    : name_(std::move(name)), own_(name_ == kStandardInput ? -1 : open(name_.c_str(), O_RDONLY | O_CLOEXEC)) {
  if (name_ == kStandardInput) {
    name_ = "standard input";
  } else if (!own_.is_open()) {
    throw InputError(fmt::format("cannot read '{}': {}", name_, system_reason()));
  }
}

/// Reads what is there. False at the end.
bool LineReader::fill() {
  char block[kBlock];
  ssize_t count = -1;
  do {
    count = read(own_.is_open() ? own_.number() : STDIN_FILENO, block, kBlock);
  } while (count < 0 && errno == EINTR);
  if (count < 0) throw InputError(fmt::format("cannot read '{}': {}", name_, system_reason()));
  waiting_.append(block, static_cast<std::size_t>(count));
  return count > 0;
}

std::optional<std::vector<std::string>> LineReader::next() {
  std::size_t searched = 0;
  while (!at_end_ && waiting_.find('\n', searched) == std::string::npos) {
    searched = waiting_.size();
    at_end_ = !fill();
  }
  if (waiting_.empty()) return std::nullopt;
  std::vector<std::string> lines;
  std::size_t begin = 0;
  for (std::size_t end; (end = waiting_.find('\n', begin)) != std::string::npos; begin = end + 1) {
    lines.push_back(waiting_.substr(begin, end - begin));
  }
  waiting_.erase(0, begin);
  last_had_end_ = !lines.empty();
  if (lines.empty()) lines.push_back(std::exchange(waiting_, {}));  // the last one, without an end
  return lines;
}

}  // namespace unfold
