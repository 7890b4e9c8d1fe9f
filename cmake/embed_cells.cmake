# Script: writes OUTPUT, the names and texts of CELLS as a C++ table. Raw string literals keep the texts readable there.
set(ENTRIES "")
foreach(FILE ${CELLS})
  cmake_path(GET FILE STEM NAME)
  file(READ ${FILE} TEXT)
  string(APPEND ENTRIES "      {\"${NAME}\", R\"cell(${TEXT})cell\"},\n")
endforeach()
list(LENGTH CELLS COUNT)
file(WRITE ${OUTPUT} "#include \"recurrence/parse/shipped_cells.h\"

#include <array>

namespace unfold::recurrence {

std::span<const ShippedCell> shipped_cell_table() {
  static constexpr std::array<ShippedCell, ${COUNT}> kCells = {{
${ENTRIES}  }};
  return kCells;
}

}  // namespace unfold::recurrence
")
