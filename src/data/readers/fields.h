// What readers of several formats read: numbers, texts, labels.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace unfold {

/// The text without white space around it.
std::string_view trimmed(std::string_view text);

/// A decimal number, with white space around it allowed; NaN for a missing one: "", "?", "NaN", "NA" in any case.
/// Nothing for anything else, infinity included.
std::optional<float> read_number(std::string_view text);

/// The text as UTF-8. Bytes that are not are read as Windows-1252, and `windows_1252` becomes true.
std::string read_utf8(std::string_view bytes, bool& windows_1252);

}  // namespace unfold
