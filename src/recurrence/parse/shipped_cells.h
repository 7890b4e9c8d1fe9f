// The cells of cells/*.cell, embedded into the library when it is built (cmake/embed_cells.cmake).
#pragma once

#include <span>
#include <string_view>

namespace unfold::recurrence {

struct ShippedCell {
  std::string_view name;    // "lstm"
  std::string_view source;  // the text of cells/lstm.cell
};

/// In alphabetical order.
std::span<const ShippedCell> shipped_cell_table();

}  // namespace unfold::recurrence
