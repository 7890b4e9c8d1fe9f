#include "tasks/option_text.h"

#include <fmt/core.h>

#include <algorithm>
#include <charconv>
#include <stdexcept>

#include "unfold/error.h"

namespace unfold {

std::optional<double> parse_number(const std::string& text) {
  std::size_t read = 0;
  try {
    const double number = std::stod(text, &read);
    if (read == text.size()) return number;
  } catch (const std::logic_error&) {  // no number, or out of range
  }
  return std::nullopt;
}

std::optional<std::vector<Index>> parse_sizes(const std::string& text) {
  std::vector<Index> sizes;
  for (std::size_t begin = 0; begin <= text.size();) {
    const std::size_t end = std::min(text.find(',', begin), text.size());
    Index size = 0;
    const auto [stop, error] = std::from_chars(text.data() + begin, text.data() + end, size);
    if (error != std::errc() || stop != text.data() + end || size < 1) return std::nullopt;
    sizes.push_back(size);
    begin = end + 1;
  }
  return sizes;
}

std::optional<Dropout> parse_dropout(const std::string& text) {
  const std::size_t colon = text.find(':');
  const std::string kind = colon == std::string::npos ? "naive" : text.substr(0, colon);
  const std::optional<double> rate = parse_number(colon == std::string::npos ? text : text.substr(colon + 1));
  if ((kind != "naive" && kind != "variational") || !rate || !(*rate >= 0 && *rate < 1)) return std::nullopt;
  return Dropout{.mask = kind == "naive" ? Dropout::Mask::kEveryStep : Dropout::Mask::kEverySequence, .rate = *rate};
}

Precision parse_precision(const std::string& text) {
  if (text == "f32") return Precision::kFloat32;
  if (text == "bf16") return Precision::kBfloat16;
  throw UsageError(fmt::format("--precision expects f32 or bf16, found '{}'", text));
}

}  // namespace unfold
