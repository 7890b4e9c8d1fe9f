// A file that grows at its end.
#pragma once

#include <filesystem>
#include <string_view>

#include "base/descriptor.h"

namespace unfold {

class AppendFile {
 public:
  /// Opens `path` for appending, or creates it. Throws InputError.
  explicit AppendFile(std::filesystem::path path);

  /// Appends the bytes, at once visible to readers. Throws InputError where the system refuses (full disk); then
  /// nothing of them is kept.
  void append(std::string_view bytes);

  /// Cuts off what follows the last `end`, left there by a process that was killed while writing. Pipes stay as they
  /// are.
  void cut_after_last(char end);

 private:
  [[noreturn]] void fail() const;

  std::filesystem::path path_;
  Descriptor file_;
};

}  // namespace unfold
