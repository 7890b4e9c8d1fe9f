// The header of a table: which column is what.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "data/readers/delimited.h"

namespace unfold {

class Columns {
 public:
  /// Of the first record of `lines`; a byte order mark before it is passed over. Throws InputError where there is none,
  /// or two columns have one name.
  Columns(Lines& lines, char separator);

  const FieldRecord& header() const { return header_; }
  std::size_t size() const { return names_.size(); }
  const std::string& name(std::size_t column) const { return names_[column]; }
  std::optional<std::size_t> find(const std::string& name) const;
  /// Throws InputError that lists the columns where it is missing; `purpose` says what it is for.
  std::size_t expect(const std::string& name, const std::string& purpose) const;
  /// The columns of these names, or all but `others`.
  std::vector<std::size_t> chosen(const std::vector<std::string>& names,
                                  const std::vector<std::optional<std::size_t>>& others) const;
  std::vector<std::string> names_of(const std::vector<std::size_t>& columns) const;

  /// Throws InputError unless a record has as many fields as the header.
  void expect_fields(const FieldRecord& record) const;

 private:
  const Lines& lines_;
  FieldRecord header_;
  std::vector<std::string> names_;
};

/// The separator of a table by the end of its name, .tsv or .csv, and otherwise by what its first line has.
char separator_of(const std::string& name, std::string_view first_line);

}  // namespace unfold
