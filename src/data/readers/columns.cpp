#include "data/readers/columns.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/text_distance.h"
#include "data/readers/fields.h"

namespace unfold {
namespace {

constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";

}  // namespace

Columns::Columns(Lines& lines, char separator) : lines_(lines) {
  auto header = next_fields(lines, separator);
  if (!header || header->fields.empty()) lines.fail(1, "the table is empty: expected a line with its columns' names");
  header_ = std::move(*header);
  for (const Field& field : header_.fields) {
    std::string_view name = trimmed(field.value);
    if (names_.empty() && name.starts_with(kByteOrderMark)) name.remove_prefix(kByteOrderMark.size());
    if (find(std::string(name))) lines.fail(header_.line, fmt::format("two columns are called '{}'", name));
    names_.emplace_back(name);
  }
}

std::optional<std::size_t> Columns::find(const std::string& name) const {
  const auto found = std::find(names_.begin(), names_.end(), name);
  if (found == names_.end()) return std::nullopt;
  return static_cast<std::size_t>(found - names_.begin());
}

std::size_t Columns::expect(const std::string& name, const std::string& purpose) const {
  if (const auto column = find(name)) return *column;
  lines_.fail(header_.line, fmt::format("there is no column '{}' for {}; the columns are {}{}", name, purpose,
                                        fmt::join(names_, ", "), did_you_mean(name, names_)));
}

std::vector<std::size_t> Columns::chosen(const std::vector<std::string>& names,
                                         const std::vector<std::optional<std::size_t>>& others) const {
  std::vector<std::size_t> columns;
  for (const std::string& name : names) columns.push_back(expect(name, "numbers"));
  for (std::size_t column = 0; names.empty() && column < size(); ++column) {
    if (std::find(others.begin(), others.end(), column) == others.end()) columns.push_back(column);
  }
  if (columns.empty()) lines_.fail(header_.line, "there is no column of numbers; name one with --values");
  return columns;
}

std::vector<std::string> Columns::names_of(const std::vector<std::size_t>& columns) const {
  std::vector<std::string> names;
  for (const std::size_t column : columns) names.push_back(names_[column]);
  return names;
}

void Columns::expect_fields(const FieldRecord& record) const {
  if (record.fields.size() == size()) return;
  lines_.fail(record.line, fmt::format("expected {} fields as in the header, found {}", size(), record.fields.size()));
}

char separator_of(const std::string& name, std::string_view first_line) {
  if (name.ends_with(".tsv")) return '\t';
  if (name.ends_with(".csv")) return ',';
  return first_line.find('\t') != std::string_view::npos ? '\t' : ',';
}

}  // namespace unfold
