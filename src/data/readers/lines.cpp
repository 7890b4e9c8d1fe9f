#include "data/readers/lines.h"

#include <fmt/core.h>

#include <algorithm>

#include "unfold/error.h"

namespace unfold {

std::string_view without_end(std::string_view bytes) {
  if (bytes.ends_with('\n')) bytes.remove_suffix(1);
  if (bytes.ends_with('\r')) bytes.remove_suffix(1);
  return bytes;
}

Lines::Lines(std::string content, std::string name) : name_(std::move(name)), content_(std::move(content)) {}

Lines Lines::of_standard_input() {
  Lines lines;
  lines.name_ = "standard input";
  lines.input_ = std::make_unique<LineReader>("-");
  return lines;
}

std::optional<Line> Lines::next() {
  if (put_back_) return std::exchange(put_back_, std::nullopt);
  std::optional<std::string> bytes = input_ ? next_of_input() : next_bytes();
  if (!bytes) return std::nullopt;
  return Line{std::move(*bytes), ++number_};
}

void Lines::put_back(Line line) { put_back_ = std::move(line); }

std::optional<std::string> Lines::next_bytes() {
  if (offset_ == content_.size()) return std::nullopt;
  const std::size_t end = std::min(content_.find('\n', offset_), content_.size() - 1) + 1;
  std::string bytes = content_.substr(offset_, end - offset_);
  offset_ = end;
  return bytes;
}

std::optional<std::string> Lines::next_of_input() {
  if (used_ == waiting_.size()) {
    auto lines = input_->next();
    if (!lines) return std::nullopt;
    waiting_ = std::move(*lines);
    used_ = 0;
  }
  const bool ended = used_ + 1 < waiting_.size() || input_->last_had_end();
  return std::move(waiting_[used_++]) + (ended ? "\n" : "");
}

void Lines::fail(Index line, const std::string& message) const {
  throw InputError(fmt::format("{}:{}: {}", name_, line, message));
}

}  // namespace unfold
