// For libFuzzer: the first byte chooses the format, the others are a file of sequences. Build with clang:
//   clang++ -std=c++20 -fsanitize=fuzzer,address,undefined -Iinclude -Isrc -Itests tests/fuzz/sequence_fuzz.cpp
//       <the library> -lfmt -lutf8proc -lz
#include <cstddef>
#include <cstdint>

#include "fuzz/sequence_files.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::vector<std::string> formats = unfold::sequence_formats();
  const std::string content(reinterpret_cast<const char*>(data) + 1, size - 1);
  unfold::read_and_write(content, formats[data[0] % formats.size()]);
  return 0;
}
