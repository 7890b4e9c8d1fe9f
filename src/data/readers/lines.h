// The lines of a file of sequences, from memory or as they come from the standard input.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/line_reader.h"
#include "unfold/tensor.h"

namespace unfold {

/// A line without its end, "\n" or "\r\n".
std::string_view without_end(std::string_view bytes);

/// A line with its end, which the last one may lack.
struct Line {
  std::string bytes;
  Index number = 0;  // from 1

  std::string_view text() const { return without_end(bytes); }
};

class Lines {
 public:
  /// Of a file's content; `name` is for messages.
  Lines(std::string content, std::string name);
  /// Of the standard input.
  static Lines of_standard_input();

  const std::string& name() const { return name_; }

  std::optional<Line> next();
  /// Makes the line that was read last the next one again.
  void put_back(Line line);

  /// Throws InputError "NAME:LINE: MESSAGE".
  [[noreturn]] void fail(Index line, const std::string& message) const;
  [[noreturn]] void fail(const Line& line, const std::string& message) const { fail(line.number, message); }

 private:
  Lines() = default;
  std::optional<std::string> next_bytes();
  std::optional<std::string> next_of_input();

  std::string name_;
  std::string content_;
  std::size_t offset_ = 0;
  Index number_ = 0;  // of the last line
  std::optional<Line> put_back_;
  std::unique_ptr<LineReader> input_;
  std::vector<std::string> waiting_;  // lines of the input that are at hand
  std::size_t used_ = 0;
};

}  // namespace unfold
