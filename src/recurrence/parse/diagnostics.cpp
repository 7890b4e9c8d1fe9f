#include "recurrence/parse/diagnostics.h"

#include <fmt/format.h>

#include <algorithm>
#include <numeric>

#include "base/text_distance.h"
#include "unfold/error.h"

namespace unfold::recurrence {
namespace {

// Characters of a long line shown at each side of the caret.
constexpr int kShownAtEachSide = 70;

// Longer names are not compared, so that no input costs much time.
constexpr std::size_t kComparedLength = 64;

bool continues_character(char byte) { return (static_cast<unsigned char>(byte) & 0xC0) == 0x80; }

std::string_view line_of(std::string_view source, int line) {
  for (int number = 1; number < line; ++number) {
    const auto end = source.find('\n');
    if (end == std::string_view::npos) return {};
    source.remove_prefix(end + 1);
  }
  return source.substr(0, source.find('\n'));
}

// The characters of a line, control characters and tabs as single spaces, invalid bytes as '?'.
std::vector<std::string> printable_characters(std::string_view line) {
  std::vector<std::string> characters;
  for (std::size_t i = 0; i < line.size();) {
    std::size_t end = i + 1;
    while (end < line.size() && continues_character(line[end])) ++end;
    const auto first = static_cast<unsigned char>(line[i]);
    const std::size_t length = first < 0x80 ? 1 : first >= 0xF0 ? 4 : first >= 0xE0 ? 3 : first >= 0xC2 ? 2 : 0;
    if (end - i != length) {
      characters.emplace_back("?");
    } else {
      characters.emplace_back(first < 0x20 || first == 0x7F ? std::string(" ") : std::string(line.substr(i, length)));
    }
    i = end;
  }
  return characters;
}

std::string excerpt(std::string_view source, Place place) {
  const auto characters = printable_characters(line_of(source, place.line));
  const int count = static_cast<int>(characters.size());
  const int begin = std::clamp(place.column - 1 - kShownAtEachSide, 0, count);
  const int end = std::clamp(place.column + kShownAtEachSide, begin, count);
  const std::string before = begin > 0 ? "..." : "";
  const std::string shown = std::accumulate(characters.begin() + begin, characters.begin() + end, std::string());
  const std::string caret(before.size() + static_cast<std::size_t>(std::max(place.column - 1 - begin, 0)), ' ');
  return fmt::format("\n{:>5} | {}{}{}\n      | {}^", place.line, before, shown, end < count ? "..." : "", caret);
}

}  // namespace

void fail(const SourceText& source, Place place, const Complaint& complaint) {
  std::string message = place.line > 0 ? fmt::format("{}:{}:{}: ", source.file, place.line, place.column)
                                       : fmt::format("{}: ", source.file);
  message += complaint.what;
  if (place.line > 0) message += excerpt(source.text, place);
  if (!complaint.expected.empty()) message += "\n  expected: " + complaint.expected;
  if (!complaint.found.empty()) message += "\n  found: " + complaint.found;
  if (!complaint.hint.empty()) message += "\n  hint: " + complaint.hint;
  throw InputError(message);
}

std::string hint_for(std::string_view name, std::vector<std::string> candidates, std::string otherwise) {
  std::erase_if(candidates, [](const std::string& candidate) { return candidate.size() > kComparedLength; });
  const std::string candidate = name.size() > kComparedLength ? std::string() : nearest(name, candidates);
  return candidate.empty() ? std::move(otherwise) : fmt::format("did you mean '{}'?", candidate);
}

std::string text(Place place) { return fmt::format("{}:{}", place.line, place.column); }

}  // namespace unfold::recurrence
