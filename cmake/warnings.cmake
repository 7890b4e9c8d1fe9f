# What every file of ours is compiled with: warnings as errors, and what the preset asks for.
add_library(unfold_options INTERFACE)
# GCC 12 sees overlaps in std::string that are not there (GCC bug 105651).
target_compile_options(unfold_options INTERFACE -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Werror
                                                $<$<CXX_COMPILER_ID:GNU>:-Wno-restrict>)
if(UNFOLD_SANITIZE)
  set(INSTRUMENT -fsanitize=${UNFOLD_SANITIZE} -fno-omit-frame-pointer -fno-sanitize-recover=all
      -Wno-maybe-uninitialized)  # GCC 12 warns of std::regex once the sanitizers are in
elseif(UNFOLD_COVERAGE)
  set(INSTRUMENT --coverage)
endif()
target_compile_options(unfold_options INTERFACE ${INSTRUMENT})
target_link_options(unfold_options INTERFACE ${INSTRUMENT})
