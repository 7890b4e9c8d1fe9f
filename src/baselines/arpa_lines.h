// An ARPA file line by line, for its reader: fields, numbers, and errors that say where.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace unfold {

class ArpaLines {
 public:
  ArpaLines(std::string_view content, std::string source) : rest_(content), source_(std::move(source)) {}

  /// Goes to the next line that is not blank. False at the end.
  bool next();
  /// The line without white space around it.
  std::string_view line() const { return line_; }
  std::vector<std::string_view> fields() const;
  double number(std::string_view field) const;
  /// `text` as a count, after `prefix`.
  std::size_t count(std::string_view text) const;
  [[noreturn]] void fail(const std::string& fault) const;
  void expect(bool holds, const std::string& fault) const {
    if (!holds) fail(fault);
  }

 private:
  std::string_view rest_;
  std::string source_;
  std::string_view line_;
  std::size_t number_ = 0;
};

}  // namespace unfold
