// Cells with random mistakes, drawn from a key: parts of shipped cells and of the language, cut, repeated and mixed.
#pragma once

#include <array>
#include <string>
#include <string_view>
#include <vector>

#include "base/random.h"
#include "unfold/cell.h"

namespace unfold::recurrence {

class CellMutator {
 public:
  explicit CellMutator(std::uint64_t key) : random_(key) {
    for (const std::string& name : shipped_cells()) seeds_.emplace_back(shipped_cell_source(name));
    seeds_.emplace_back(kEveryConstruct);
  }

  /// A seed with one to eight changes.
  std::string draw() {
    std::string text = seeds_[below(seeds_.size())];
    for (std::size_t changes = 1 + below(8); changes > 0; --changes) change(text);
    return text;
  }

 private:
  static constexpr std::string_view kEveryConstruct =
      "cell all(n = 4, f = tanh, g = softmax)\ninput x, y[2]\nstate h = learned, s[n] = -0.5, k[1]\ngiven z[n]\n"
      "param p[hidden], Q[n, hidden]\nfixed R[hidden, hidden]\nu[hidden] = W_1 [h, x, 1] · 2\n"
      "v = f(R h + p ⊙ u) ^ 2 - clip(b_1 / 3, -1, 1)\nw = layer_norm(v)[1:hidden]\n"
      "h' = v + sum(w) * max(h, -v) + mean(y) * k\ns' = g(Q h' + z) * s[0:1] + s\nk' = dot(s, s') + k\n"
      "output [h', s'[n - 2:]]\ninit b_1 = uniform(0.1)\ninit R = spectral(0.9)\n";

  static constexpr std::array<std::string_view, 64> kFragments = {
      "cell ",   "input ",      "state ",   "given ",    "param ", "fixed ",
      "output ", "init ",       "learned",  "hidden",    "target", "input",
      "tanh(",   "σ(",          "softmax(", "sum(",      "max(",   "clip(",
      "dot(",    "layer_norm(", "outer(",   "attend(",   "(",      ")",
      "[",       "]",           "[0:1]",    "[:",        ":]",     "'",
      "^",       "^ -2",        "^ 0.5",    "*",         "/",      "+",
      "-",       "=",           ",",        "·",         "⊙",      "W ",
      "W_1 ",    "b ",          "h",        "h'",        "x",      "1",
      "0",       "1e38",        "1e999",    "99999999",  "0.5",    "\n",
      " \n\n ",  "#",           "γ",        "\xFF",      "\xC3",   "clip_gradient(",
      "n",       "[hidden]",    "h[1:0]",   " = learned"};

  std::size_t below(std::size_t bound) { return static_cast<std::size_t>(random_.below(bound)); }

  std::size_t position(const std::string& text) { return below(text.size() + 1); }

  void change(std::string& text) {
    const std::size_t at = position(text);
    const std::size_t length = std::min(below(12), text.size() - at);
    switch (below(8)) {
      case 0: text.erase(at, length); break;
      case 1: text.insert(at, kFragments[below(kFragments.size())]); break;
      case 2: text.replace(at, length, kFragments[below(kFragments.size())]); break;
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
};

}  // namespace unfold::recurrence
