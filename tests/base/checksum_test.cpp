#include "base/checksum.h"

#include <gtest/gtest.h>

#include <string>
#include <string_view>

namespace unfold {
namespace {

std::uint32_t of(std::string_view text, std::uint32_t before = 0) {
  return checksum(std::as_bytes(std::span(text)), before);
}

TEST(Checksum, IsTheStandardCrc32) {
  EXPECT_EQ(of("123456789"), 0xCBF43926u);  // the check value of ISO 3309
  EXPECT_EQ(of(""), 0u);
}

TEST(Checksum, ContinuesWithTheNextPart) {
  EXPECT_EQ(of("56789", of("1234")), of("123456789"));
  EXPECT_EQ(of("", of("1234")), of("1234"));
}

TEST(Checksum, FindsEveryFlippedBit) {
  const std::string text = "a small file";
  for (std::size_t bit = 0; bit < 8 * text.size(); ++bit) {
    std::string damaged = text;
    damaged[bit / 8] = static_cast<char>(damaged[bit / 8] ^ (1 << bit % 8));
    EXPECT_NE(of(damaged), of(text)) << bit;
  }
}

}  // namespace
}  // namespace unfold
