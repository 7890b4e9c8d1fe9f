// Cells with random mistakes: parts of shipped cells and of the language.
#pragma once

#include <array>
#include <string>
#include <string_view>
#include <vector>

#include "fuzz/text_mutator.h"
#include "unfold/cell.h"

namespace unfold::recurrence {

class CellMutator {
 public:
  explicit CellMutator(std::uint64_t key) : texts_(key, seeds(), {kFragments.begin(), kFragments.end()}) {}

  std::string draw() { return texts_.draw(); }

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

  static std::vector<std::string> seeds() {
    std::vector<std::string> texts;
    for (const std::string& name : shipped_cells()) texts.emplace_back(shipped_cell_source(name));
    texts.emplace_back(kEveryConstruct);
    return texts;
  }

  TextMutator texts_;
};

}  // namespace unfold::recurrence
