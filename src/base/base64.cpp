#include "base/base64.h"

#include <cstdint>

namespace unfold {
namespace {

constexpr std::string_view kDigits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
constexpr std::size_t kBytes = 3;    // of a group of
constexpr std::size_t kLetters = 4;  // six bits each
constexpr char kPadding = '=';

}  // namespace

std::string to_base64(std::string_view bytes) {
  std::string text;
  for (std::size_t begin = 0; begin < bytes.size(); begin += kBytes) {
    const std::string_view group = bytes.substr(begin, kBytes);
    std::uint32_t bits = 0;
    for (std::size_t i = 0; i < kBytes; ++i) {
      bits = bits << 8 | (i < group.size() ? static_cast<unsigned char>(group[i]) : 0U);
    }
    for (std::size_t i = 0; i < kLetters; ++i) {
      text += i <= group.size() ? kDigits[bits >> (18 - 6 * i) & 63] : kPadding;
    }
  }
  return text;
}

std::optional<std::string> from_base64(std::string_view text) {
  if (text.size() % kLetters != 0) return std::nullopt;
  std::string bytes;
  for (std::size_t begin = 0; begin < text.size(); begin += kLetters) {
    std::uint32_t bits = 0;
    std::size_t letters = 0;
    for (const char letter : text.substr(begin, kLetters)) {
      const std::size_t value = kDigits.find(letter);
      bits = bits << 6 | static_cast<std::uint32_t>(value == std::string_view::npos ? 0 : value);
      letters += value == std::string_view::npos ? 0 : 1;
    }
    for (std::size_t i = 0; i + 1 < letters; ++i) bytes += static_cast<char>(bits >> (16 - 8 * i) & 255);
  }
  // Everything that is not written like this (letters elsewhere, padding inside, set bits at the end) is refused.
  return to_base64(bytes) == text ? std::optional(bytes) : std::nullopt;
}

}  // namespace unfold
