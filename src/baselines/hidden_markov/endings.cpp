#include "baselines/hidden_markov/endings.h"

#include <algorithm>

namespace unfold {
namespace {

bool is_digit(char character) { return character >= '0' && character <= '9'; }
bool is_capital(char character) { return character >= 'A' && character <= 'Z'; }
bool begins_character(char byte) { return (static_cast<unsigned char>(byte) & 0xC0) != 0x80; }

char shape_of(std::string_view word) {
  if (std::any_of(word.begin(), word.end(), is_digit)) return '0';
  if (!word.empty() && is_capital(word.front())) return 'A';
  return word.find('-') != std::string_view::npos ? '-' : 'a';
}

}  // namespace

std::vector<std::string> word_endings(std::string_view word, Index longest) {
  const std::string shape(1, shape_of(word));
  std::vector<std::string> endings = {shape};
  for (std::size_t begin = word.size(); begin-- > 0 && static_cast<Index>(endings.size()) <= longest;) {
    if (begins_character(word[begin])) endings.push_back(shape + std::string(word.substr(begin)));
  }
  return endings;
}

}  // namespace unfold
