// Texts with random mistakes, drawn from a key: parts of good ones and of a language's words, cut, repeated and mixed.
#pragma once

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include "base/random.h"

namespace unfold {

class TextMutator {
 public:
  TextMutator(std::uint64_t key, std::vector<std::string> seeds, std::vector<std::string_view> fragments)
      : random_(key), seeds_(std::move(seeds)), fragments_(std::move(fragments)) {}

  /// A seed with one to eight changes.
  std::string draw() {
    std::string text = seeds_[below(seeds_.size())];
    for (std::size_t changes = 1 + below(8); changes > 0; --changes) change(text);
    return text;
  }

 private:
  std::size_t below(std::size_t bound) { return static_cast<std::size_t>(random_.below(bound)); }

  std::size_t position(const std::string& text) { return below(text.size() + 1); }

  void change(std::string& text) {
    const std::size_t at = position(text);
    const std::size_t length = std::min(below(12), text.size() - at);
    switch (below(8)) {
      case 0: text.erase(at, length); break;
      case 1: text.insert(at, fragments_[below(fragments_.size())]); break;
      case 2: text.replace(at, length, fragments_[below(fragments_.size())]); break;
      case 3: text.insert(position(text), text.substr(at, length * 4)); break;
      case 4: text.insert(at, 1, static_cast<char>(below(256))); break;
      case 5: splice(text, at); break;
      case 6: swap_lines(text); break;
      default: repeat(text, at, length); break;
    }
  }

  void splice(std::string& text, std::size_t at) {
    const std::string& other = seeds_[below(seeds_.size())];
    text.replace(at, std::string::npos, other.substr(position(other)));
  }

  void swap_lines(std::string& text) {
    const std::size_t begin = text.rfind('\n', position(text));
    const std::size_t end = begin == std::string::npos ? begin : text.find('\n', begin + 1);
    if (end == std::string::npos) return;
    const std::string line = text.substr(begin, end - begin);
    text.erase(begin, end - begin);
    text.insert(std::min(text.find('\n', position(text)), text.size()), line);
  }

  void repeat(std::string& text, std::size_t at, std::size_t length) {
    const std::string part = text.substr(at, length);
    for (std::size_t times = below(300); times > 0; --times) text.insert(at, part);
  }

  Random random_;
  std::vector<std::string> seeds_;
  std::vector<std::string_view> fragments_;
};

}  // namespace unfold
