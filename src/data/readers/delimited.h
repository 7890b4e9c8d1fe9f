// Records of fields between separators, quoted as RFC 4180 says: a field that begins with a quote ends with one, and
// holds separators, line ends and, doubled, quotes in between.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "data/readers/lines.h"

namespace unfold {

struct Field {
  std::string value;  // without quotes
  std::size_t begin = 0;
  std::size_t end = 0;  // its bytes in the record, quotes included
};

struct FieldRecord {
  std::string bytes;
  Index line = 0;  // where it begins
  std::vector<Field> fields;
};

/// The next record that is not an empty line, which becomes the beginning of its `bytes`; at the end of the file one
/// without fields if empty lines are left, then nothing. Throws InputError for a quote that is not closed, or followed
/// by text.
std::optional<FieldRecord> next_fields(Lines& lines, char separator);

/// The record with field `index` replaced; one more behind the last if there is no such field.
std::string with_field(const FieldRecord& record, std::size_t index, std::string_view value, char separator);

/// A value as a field, in quotes where it needs them.
std::string field_text(std::string_view value, char separator);

}  // namespace unfold
