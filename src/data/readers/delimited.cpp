#include "data/readers/delimited.h"

#include <fmt/core.h>

#include <algorithm>

namespace unfold {
namespace {

constexpr char kQuote = '"';

/// Divides a record whose lines are read as they are needed.
class Divider {
 public:
  Divider(Lines& lines, FieldRecord& record, char separator)
      : lines_(lines), record_(record), separator_(separator), last_(record.line) {}

  void divide(std::size_t offset) {
    for (;;) {
      Field field{{}, offset, offset};
      field.end = at_quote(offset) ? quoted(field) : plain(field);
      record_.fields.push_back(std::move(field));
      offset = record_.fields.back().end;
      if (offset == end() || record_.bytes[offset] != separator_) break;
      ++offset;
    }
    if (record_.fields.back().end != end()) {
      lines_.fail(last_,
                  fmt::format("field {}: after the closing quote expected '{}' or the line's end; a quote inside "
                              "of a quoted field is written twice",
                              record_.fields.size(), separator_ == '\t' ? "tab" : std::string(1, separator_)));
    }
  }

 private:
  bool at_quote(std::size_t offset) const { return offset < record_.bytes.size() && record_.bytes[offset] == kQuote; }

  /// Where the last line's own end begins.
  std::size_t end() const { return without_end(record_.bytes).size(); }

  std::size_t plain(Field& field) {
    const std::size_t found = std::min(record_.bytes.find(separator_, field.begin), end());
    field.value = record_.bytes.substr(field.begin, found - field.begin);
    return found;
  }

  std::size_t quoted(Field& field) {
    const Index first = last_;
    std::size_t offset = field.begin + 1;
    for (;;) {
      const std::size_t quote = record_.bytes.find(kQuote, offset);
      field.value += record_.bytes.substr(offset, quote - offset);
      if (quote == std::string::npos) {
        offset = record_.bytes.size();
        if (!take_line())
          lines_.fail(first, fmt::format("field {}: its quote is not closed", record_.fields.size() + 1));
        continue;
      }
      if (!at_quote(quote + 1)) return quote + 1;
      field.value += kQuote;
      offset = quote + 2;
    }
  }

  bool take_line() {
    auto line = lines_.next();
    if (!line) return false;
    record_.bytes += line->bytes;
    last_ = line->number;
    return true;
  }

  Lines& lines_;
  FieldRecord& record_;
  char separator_;
  Index last_;  // line read
};

}  // namespace

std::optional<FieldRecord> next_fields(Lines& lines, char separator) {
  FieldRecord record;
  while (auto line = lines.next()) {
    const bool empty = line->text().empty();
    const std::size_t offset = record.bytes.size();
    record.bytes += line->bytes;
    record.line = line->number;
    if (empty) continue;
    Divider(lines, record, separator).divide(offset);
    return record;
  }
  return record.bytes.empty() ? std::nullopt : std::optional(std::move(record));
}

std::string with_field(const FieldRecord& record, std::size_t index, std::string_view value, char separator) {
  std::string bytes = record.bytes;
  const std::string text = field_text(value, separator);
  if (index < record.fields.size()) {
    const Field& field = record.fields[index];
    return bytes.replace(field.begin, field.end - field.begin, text);
  }
  return bytes.insert(record.fields.back().end, separator + text);
}

std::string field_text(std::string_view value, char separator) {
  if (value.find_first_of("\"\r\n") == std::string_view::npos && value.find(separator) == std::string_view::npos) {
    return std::string(value);
  }
  std::string text(1, kQuote);
  for (const char character : value) {
    text += character;
    if (character == kQuote) text += kQuote;
  }
  return text + kQuote;
}

}  // namespace unfold
