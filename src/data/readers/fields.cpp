#include "data/readers/fields.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <limits>

#include "data/readers/windows_1252.h"
#include "data/text/utf8.h"

namespace unfold {
namespace {

constexpr std::string_view kSpace = " \t\r\n\v\f";
constexpr std::array<std::string_view, 4> kMissing = {"", "?", "nan", "na"};

bool is_missing(std::string_view text) {
  std::string lower(text);
  for (char& character : lower) {
    if (character >= 'A' && character <= 'Z') character = static_cast<char>(character - 'A' + 'a');
  }
  return std::find(kMissing.begin(), kMissing.end(), lower) != kMissing.end();
}

}  // namespace

std::string_view trimmed(std::string_view text) {
  const std::size_t begin = text.find_first_not_of(kSpace);
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(kSpace) - begin + 1);
}

std::optional<float> read_number(std::string_view text) {
  text = trimmed(text);
  if (is_missing(text)) return std::numeric_limits<float>::quiet_NaN();
  if (text.starts_with('+')) text.remove_prefix(1);
  // As a double first: numbers too small for a float are then 0, not out of range.
  double number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  const auto narrow = static_cast<float>(number);
  if (error != std::errc() || end != text.data() + text.size() || !std::isfinite(narrow)) return std::nullopt;
  return narrow;
}

std::string read_utf8(std::string_view bytes, bool& windows_1252) {
  if (!first_invalid_byte(bytes)) return std::string(bytes);
  windows_1252 = true;
  return from_windows_1252(bytes);
}

}  // namespace unfold
