// A recurrent cell: the equations of one time step, as text. See docs/language.md.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace unfold {

namespace recurrence {
struct Definition;  // the parsed cell, src/recurrence/parse/definition.h
}

class Cell {
 public:
  /// A shipped cell by name ("lstm"), with options ("lstm_plain(update = relu)"), or a file ("my.cell").
  /// Throws InputError: an unknown name proposes the nearest one; a mistake in the cell shows the line with a caret.
  static Cell load(const std::string& name_or_file);
  /// A cell from its text. `file` is used in error messages only. `options` as in "update = relu, slots = 4".
  static Cell parse(std::string source, std::string file, std::string_view options = {});

  const std::string& name() const;
  /// The text it was parsed from, and the options chosen ("" if none): together they rebuild the cell.
  const std::string& source() const;
  const std::string& options() const;
  const recurrence::Definition& definition() const { return *definition_; }

 private:
  explicit Cell(std::shared_ptr<const recurrence::Definition> definition) : definition_(std::move(definition)) {}
  std::shared_ptr<const recurrence::Definition> definition_;
};

/// Names of the shipped cells in alphabetical order, and the text of one of them ("" if there is none).
std::vector<std::string> shipped_cells();
std::string_view shipped_cell_source(std::string_view name);

}  // namespace unfold
