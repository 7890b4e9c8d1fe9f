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

TEST(Checksum, CastagnoliHasThePublishedValues) {
  const auto castagnoli = [](std::string_view text) { return checksum_castagnoli(std::as_bytes(std::span(text))); };
  // RFC 3720, appendix B.4, and the check value of the catalogues.
  std::string up, down;
  for (char i = 0; i < 32; ++i) up += i, down += static_cast<char>(31 - i);
  EXPECT_EQ(castagnoli(std::string(32, '\0')), 0x8A9136AAu);
  EXPECT_EQ(castagnoli(std::string(32, '\xFF')), 0x62A8AB43u);
  EXPECT_EQ(castagnoli(up), 0x46DD794Eu);
  EXPECT_EQ(castagnoli(down), 0x113FDB5Cu);
  EXPECT_EQ(castagnoli("123456789"), 0xE3069283u);
  EXPECT_EQ(castagnoli(""), 0u);
}

}  // namespace
}  // namespace unfold
