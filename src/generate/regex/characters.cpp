// A range of code points becomes sequences of byte ranges: it is cut where the length of the encoding changes, and then
// until all bytes but the first differing one run through their whole range (Thompson's construction, as in Cox,
// "Regular Expression Matching in the Wild", 2010).
#include "generate/regex/characters.h"

#include <algorithm>
#include <array>

namespace unfold::regex {

namespace {

constexpr std::uint32_t kLastByte = 0xFF;
constexpr std::uint32_t kLastCodePoint = 0x10FFFF;
constexpr Range kSurrogates = {0xD800, 0xDFFF};
/// The last code points that take 1, 2, 3 and 4 bytes.
constexpr std::array<std::uint32_t, 4> kLastOfLength = {0x7F, 0x7FF, 0xFFFF, kLastCodePoint};
constexpr std::uint32_t kContinuationBits = 6;

Node bytes_between(std::uint32_t first, std::uint32_t last) {
  Node node{.kind = Node::Kind::kBytes};
  for (std::uint32_t byte = first; byte <= last; ++byte) node.bytes.set(byte);
  return node;
}

/// The bytes of a code point whose encoding has `length` bytes.
std::array<std::uint32_t, 4> encode(std::uint32_t point, std::size_t length) {
  constexpr std::array<std::uint32_t, 4> kLead = {0x00, 0xC0, 0xE0, 0xF0};
  std::array<std::uint32_t, 4> bytes{};
  for (std::size_t i = length; i-- > 1; point >>= kContinuationBits) bytes[i] = 0x80 | (point & 0x3F);
  bytes[0] = kLead[length - 1] | point;
  return bytes;
}

/// Adds first..last, whose encodings have `length` bytes, to the alternatives.
void add_of_length(std::uint32_t first, std::uint32_t last, std::size_t length, std::vector<Node>& alternatives) {
  for (std::size_t tail = 1; tail < length; ++tail) {
    // The last `tail` bytes of a block of this size run through everything; cut where the range begins or ends within.
    const std::uint32_t below = (1U << (kContinuationBits * tail)) - 1;
    if ((first | below) == (last | below)) break;
    if ((first & below) != 0) {
      add_of_length(first, first | below, length, alternatives);
      return add_of_length((first | below) + 1, last, length, alternatives);
    }
    if ((last & below) != below) {
      add_of_length(first, (last & ~below) - 1, length, alternatives);
      return add_of_length(last & ~below, last, length, alternatives);
    }
  }
  const std::array<std::uint32_t, 4> low = encode(first, length), high = encode(last, length);
  Node sequence;
  for (std::size_t i = 0; i < length; ++i) sequence.children.push_back(bytes_between(low[i], high[i]));
  alternatives.push_back(std::move(sequence));
}

void add_code_points(Range range, std::vector<Node>& alternatives) {
  std::uint32_t first = range.first;
  for (std::size_t length = 1; length <= kLastOfLength.size(); ++length) {
    const std::uint32_t last = std::min(range.last, kLastOfLength[length - 1]);
    if (first <= last) add_of_length(first, last, length, alternatives);
    first = std::max(first, kLastOfLength[length - 1] + 1);
  }
}

std::vector<Range> sorted_and_merged(std::vector<Range> ranges) {
  std::sort(ranges.begin(), ranges.end(), [](const Range& a, const Range& b) { return a.first < b.first; });
  std::vector<Range> merged;
  for (const Range& range : ranges) {
    if (!merged.empty() && range.first <= merged.back().last + 1) {
      merged.back().last = std::max(merged.back().last, range.last);
    } else {
      merged.push_back(range);
    }
  }
  return merged;
}

}  // namespace

std::vector<Range> complement(std::vector<Range> ranges, Alphabet alphabet) {
  std::vector<Range> result;
  std::uint32_t next = 0;
  for (const Range& range : sorted_and_merged(std::move(ranges))) {
    if (range.first > next) result.push_back({next, range.first - 1});
    next = range.last + 1;
  }
  const std::uint32_t last = alphabet == Alphabet::kBytes ? kLastByte : kLastCodePoint;
  if (next <= last) result.push_back({next, last});
  return result;
}

Node one_of(const std::vector<Range>& ranges, Alphabet alphabet) {
  Node single{.kind = Node::Kind::kBytes};  // all that is one byte
  std::vector<Node> longer;
  const std::uint32_t last_single = alphabet == Alphabet::kBytes ? kLastByte : kLastOfLength[0];
  for (const Range& range : sorted_and_merged(ranges)) {
    for (std::uint32_t byte = range.first; byte <= std::min(range.last, last_single); ++byte) single.bytes.set(byte);
    if (range.last <= last_single) continue;
    const std::uint32_t first = std::max(range.first, last_single + 1);
    if (first < kSurrogates.first) add_code_points({first, std::min(range.last, kSurrogates.first - 1)}, longer);
    if (range.last > kSurrogates.last) add_code_points({std::max(first, kSurrogates.last + 1), range.last}, longer);
  }
  if (longer.empty()) return single;
  if (single.bytes.any()) longer.push_back(std::move(single));
  return {.kind = Node::Kind::kChoice, .children = std::move(longer)};
}

}  // namespace unfold::regex
