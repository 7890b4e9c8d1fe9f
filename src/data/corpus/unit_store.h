// Units in a file, block after block, while the vocabulary is not yet known.
#pragma once

#include <filesystem>
#include <span>
#include <vector>

#include "base/descriptor.h"
#include "data/corpus/units.h"

namespace unfold {

/// Ends a sequence, and stands before the first.
inline constexpr Unit kBoundaryUnit = ~Unit{0};

class UnitStore {
 public:
  /// Makes a file that goes with the store. Throws InputError where it cannot be written, as does `append`.
  explicit UnitStore(const std::filesystem::path& file);

  void append(std::span<const Unit> units);
  Index size() const { return size_; }
  std::size_t blocks() const { return blocks_.size(); }
  /// The units of one `append`.
  std::vector<Unit> read(std::size_t block) const;

 private:
  struct Block {
    Index begin;  // in the file, in bytes
    Index count;
    Index width;
  };
  std::filesystem::path path_;
  Descriptor file_;
  Index size_ = 0;
  Index bytes_ = 0;
  std::vector<Block> blocks_;
};

}  // namespace unfold
