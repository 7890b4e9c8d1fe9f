#include "baselines/arpa_lines.h"

#include <fmt/format.h>

#include <charconv>
#include <cmath>

#include "unfold/error.h"

namespace unfold {
namespace {

constexpr std::string_view kSpace = " \t\r";

}  // namespace

bool ArpaLines::next() {
  while (!rest_.empty()) {
    const std::size_t end = rest_.find('\n');
    line_ = rest_.substr(0, end);
    rest_ = end == std::string_view::npos ? std::string_view{} : rest_.substr(end + 1);
    ++number_;
    const std::size_t first = line_.find_first_not_of(kSpace);
    if (first == std::string_view::npos) continue;
    line_ = line_.substr(first, line_.find_last_not_of(kSpace) - first + 1);
    return true;
  }
  line_ = {};
  return false;
}

std::vector<std::string_view> ArpaLines::fields() const {
  std::vector<std::string_view> fields;
  for (std::size_t begin = 0; begin < line_.size();) {
    const std::size_t end = std::min(line_.find_first_of(kSpace, begin), line_.size());
    if (end > begin) fields.push_back(line_.substr(begin, end - begin));
    begin = end + 1;
  }
  return fields;
}

double ArpaLines::number(std::string_view field) const {
  double value = 0;
  const auto [end, error] = std::from_chars(field.data(), field.data() + field.size(), value);
  if (field == "-inf") return -HUGE_VAL;
  if (error != std::errc() || end != field.data() + field.size() || !std::isfinite(value)) {
    fail(fmt::format("expected a number, found '{}'", field));
  }
  return value;
}

std::size_t ArpaLines::count(std::string_view text) const {
  std::size_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) {
    fail(fmt::format("expected a whole number, found '{}'", text));
  }
  return value;
}

void ArpaLines::fail(const std::string& fault) const {
  throw InputError(fmt::format("{}:{}: {}", source_, number_, fault));
}

}  // namespace unfold
