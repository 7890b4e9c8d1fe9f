// Random texts that are awkward to cut: characters of every length, runs of spaces, line ends, words with joints.
#pragma once

#include <array>
#include <string>
#include <string_view>

#include "base/random.h"

namespace unfold {

inline std::string random_text(std::uint64_t key, std::size_t pieces) {
  constexpr std::array<std::string_view, 22> kPieces = {"a",      "b", "word",  " ",  "  ", "     ", "\n", "\n\n",
                                                        "\t",     "é", "日",    "—",  "'s", "3.14",  "-x", "\U0001F600",
                                                        "\u2581", ".", "<unk>", "\r", "##", "#"};
  Random random(key);
  std::string text;
  for (std::size_t i = 0; i < pieces; ++i) text += kPieces[static_cast<std::size_t>(random.below(kPieces.size()))];
  return text;
}

}  // namespace unfold
