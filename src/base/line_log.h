// A text file that grows by whole lines, such as a run's log.jsonl.
#pragma once

#include <filesystem>
#include <string_view>

#include "base/append_file.h"

namespace unfold {

class LineLog {
 public:
  /// Opens `path` for appending, or creates it. A last line without its end, left by a process that was killed while
  /// writing it, is cut off. Throws InputError.
  explicit LineLog(std::filesystem::path path);

  /// Appends `line` and a line end, both at once and at once visible to readers. `line` holds no line end itself.
  /// Throws InputError where the system refuses (full disk); then nothing of the line is kept.
  void append(std::string_view line);

 private:
  AppendFile file_;
};

}  // namespace unfold
