// Appending lines to a file.
#include "base/line_log.h"

#include <fmt/format.h>

#include <string>

#include "unfold/error.h"

namespace unfold {

LineLog::LineLog(std::filesystem::path path) : file_(std::move(path)) { file_.cut_after_last('\n'); }

void LineLog::append(std::string_view line) {
  if (line.find('\n') != std::string_view::npos) {
    throw ContractError(fmt::format("LineLog::append: expected one line, found a line end in '{}'", line));
  }
  file_.append(std::string(line) + '\n');
}

}  // namespace unfold
