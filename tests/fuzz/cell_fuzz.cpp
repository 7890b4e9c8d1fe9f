// For libFuzzer: the bytes are the text of a cell. Build with clang:
//   clang++ -std=c++20 -fsanitize=fuzzer,address,undefined -Iinclude -Isrc tests/fuzz/cell_fuzz.cpp <the library> -lfmt
// and run it on a copy of cells/ as corpus.
#include <cstddef>
#include <cstdint>
#include <string>

#include "recurrence/graph/build_graph.h"
#include "unfold/cell.h"
#include "unfold/error.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  try {
    const auto cell = unfold::Cell::parse(std::string(reinterpret_cast<const char*>(data), size), "fuzz.cell");
    unfold::recurrence::build_graph(cell.definition(), {3, 5, 7});
  } catch (const unfold::InputError&) {
  }
  return 0;
}
