# Folders whose files are found by existence: a table of them is generated, so adding one is adding a file.

# Sets VARIABLE to a source file with the text of every cells/*.cell: the table of src/recurrence/parse/shipped_cells.h.
function(unfold_list_cells VARIABLE)
  file(GLOB CELLS CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/cells/*.cell)
  list(SORT CELLS)
  set(OUTPUT ${PROJECT_BINARY_DIR}/generated/shipped_cells.cpp)
  add_custom_command(
    OUTPUT ${OUTPUT}
    COMMAND ${CMAKE_COMMAND} "-DCELLS=${CELLS}" -DOUTPUT=${OUTPUT} -P ${PROJECT_SOURCE_DIR}/cmake/embed_cells.cmake
    DEPENDS ${CELLS} ${PROJECT_SOURCE_DIR}/cmake/embed_cells.cmake
    COMMENT "Embedding the cells" VERBATIM)
  set(${VARIABLE} ${OUTPUT} PARENT_SCOPE)
endfunction()

# Sets VARIABLE to the sources of the verbs and a generated one that lists them: every cli/verbs/VERB.cpp defines
# `Verb verb_VERB()`.
function(unfold_list_verbs VARIABLE)
  file(GLOB FILES CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/cli/verbs/*.cpp)
  list(SORT FILES)
  foreach(FILE ${FILES})
    cmake_path(GET FILE STEM NAME)
    string(APPEND DECLARATIONS "Verb verb_${NAME}();\n")
    string(APPEND CALLS "      verb_${NAME}(),\n")
  endforeach()
  set(OUTPUT ${PROJECT_BINARY_DIR}/generated/verbs.cpp)
  file(CONFIGURE OUTPUT ${OUTPUT} CONTENT [[
#include "verb.h"

namespace unfold::cli {

@DECLARATIONS@
std::vector<Verb> verbs() {
  return {
@CALLS@  };
}

}  // namespace unfold::cli
]] @ONLY)
  set(${VARIABLE} ${OUTPUT} ${FILES} PARENT_SCOPE)
endfunction()
