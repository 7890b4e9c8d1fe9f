// Lines of a file or of the standard input, as soon as they are there.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/descriptor.h"

namespace unfold {

class LineReader {
 public:
  /// Opens the file; "-" is the standard input. Throws InputError naming it.
  explicit LineReader(std::string name);

  /// The lines at hand, without their ends: waits for one at least and not for more. Nothing at the end. The last line
  /// needs no end. Throws InputError where reading fails.
  std::optional<std::vector<std::string>> next();
  /// True if the last of the lines that `next` returned had an end.
  bool last_had_end() const { return last_had_end_; }

 private:
  bool fill();

  std::string name_;
  Descriptor own_;       // none for the standard input
  std::string waiting_;  // begun, not ended
  bool at_end_ = false;
  bool last_had_end_ = true;
};

}  // namespace unfold
