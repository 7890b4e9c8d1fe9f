// The syntax tree of a regular expression over bytes.
#pragma once

#include <bitset>
#include <cstdint>
#include <vector>

namespace unfold::regex {

using ByteSet = std::bitset<256>;

inline constexpr int kUnbounded = -1;

struct Node {
  enum class Kind : std::uint8_t {
    kBytes,     // one byte out of `bytes`
    kSequence,  // the children one after another; none: the empty text
    kChoice,    // one of the children; none: no text at all
    kRepeat,    // the only child, `least` to `most` times
  };
  Kind kind = Kind::kSequence;
  ByteSet bytes = {};
  int least = 0;
  int most = 0;  // or kUnbounded
  std::vector<Node> children = {};
};

}  // namespace unfold::regex
