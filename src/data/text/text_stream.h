// One text as a stream of bytes: a file, a compressed file, the standard input.
#pragma once

#include <memory>
#include <span>
#include <string>

namespace unfold {

class TextStream {
 public:
  /// Opens the file, inflating one whose name ends in .gz; "-" is the standard input. Throws InputError naming it.
  explicit TextStream(const std::string& name);
  ~TextStream();
  TextStream(TextStream&&) noexcept;

  /// Fills `buffer` from its beginning and returns how many bytes that were: fewer than it holds only at the end.
  /// Throws InputError where the file cannot be read or is damaged.
  std::size_t read(std::span<char> buffer);

 private:
  struct Implementation;
  std::unique_ptr<Implementation> implementation_;
};

/// What messages call a source: the file's name, or "standard input".
std::string shown_source(const std::string& name);

}  // namespace unfold
