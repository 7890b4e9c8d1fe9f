// The formulas of include/unfold/baselines.h written down directly: every n-gram of a small text in a map.
#pragma once

#include <algorithm>
#include <array>
#include <map>
#include <optional>
#include <set>
#include <vector>

#include "unfold/baselines.h"

namespace unfold {

class NaiveNGram {
 public:
  using Tokens = std::vector<std::int32_t>;

  NaiveNGram(const Tokens& text, int vocabulary, const NGramOptions& options)
      : vocabulary_(vocabulary), longest_(static_cast<std::size_t>(options.order) - 1), options_(options) {
    Tokens before;
    if (options.boundary) before = {*options.boundary};
    for (const std::int32_t token : text) {
      for (std::size_t length = 0; length <= std::min(before.size(), longest_); ++length) {
        add(before, length, token);
      }
      if (token == options.boundary) before.clear();
      before.push_back(token);
    }
    if (options.smoothing != Smoothing::kKneserNey) return;
    for (std::size_t length = 0; length <= longest_; ++length) discounts_.push_back(discounts_of(length));
  }

  double probability(const Tokens& context, std::int32_t token) const {
    double p = 1.0 / vocabulary_;
    for (std::size_t length = 0; length <= std::min(context.size(), longest_); ++length) {
      const auto found = counts_.find(end_of(context, length));
      if (found == counts_.end()) break;
      p = level(found->second, length, token, p);
    }
    return p;
  }

  /// How many n-grams of one order have a count that `wanted` accepts.
  template <class Wanted>
  int number(std::size_t order, const Wanted& wanted) const {
    int sum = 0;
    for (const auto& [context, counts] : counts_) {
      if (context.size() + 1 != order) continue;
      for (const auto& [token, entry] : counts) sum += wanted(count(entry, order - 1)) ? 1 : 0;
    }
    return sum;
  }

 private:
  struct Entry {
    int occurrences = 0;
    int without_predecessor = 0;
    std::set<std::int32_t> predecessors;
  };
  using Counts = std::map<std::int32_t, Entry>;

  static Tokens end_of(const Tokens& tokens, std::size_t length) {
    return {tokens.end() - static_cast<std::ptrdiff_t>(length), tokens.end()};
  }

  void add(const Tokens& before, std::size_t length, std::int32_t token) {
    Entry& entry = counts_[end_of(before, length)][token];
    ++entry.occurrences;
    if (length == before.size()) {
      ++entry.without_predecessor;
    } else {
      entry.predecessors.insert(before[before.size() - length - 1]);
    }
  }

  int count(const Entry& entry, std::size_t length) const {
    const bool raw = options_.smoothing != Smoothing::kKneserNey || length == longest_;
    return raw ? entry.occurrences : static_cast<int>(entry.predecessors.size()) + entry.without_predecessor;
  }

  std::array<double, 4> discounts_of(std::size_t length) const {
    const auto t = [&](int k) { return static_cast<double>(number(length + 1, [k](int n) { return n == k; })); };
    const double y = t(1) / (t(1) + 2 * t(2));
    const std::array<double, 4> d = {0, 1 - 2 * y * t(2) / t(1), 2 - 3 * y * t(3) / t(2), 3 - 4 * y * t(4) / t(3)};
    for (const double discount : d) {
      if (!(discount >= 0 && discount <= 3)) return {0, 0.5, 1, 1.5};  // not a number included
    }
    return d;
  }

  double level(const Counts& counts, std::size_t length, std::int32_t token, double lower) const {
    double total = 0;
    double taken = 0;
    double counted = 0;
    for (const auto& [other, entry] : counts) {
      const int n = count(entry, length);
      const double discount = options_.smoothing == Smoothing::kKneserNey
                                  ? discounts_[length][static_cast<std::size_t>(std::min(n, 3))]
                                  : 0;
      total += n;
      taken += discount;
      if (other == token) counted = n - discount;
    }
    const auto types = static_cast<double>(counts.size());
    if (options_.smoothing == Smoothing::kWittenBell) return (counted + types * lower) / (total + types);
    return (counted + taken * lower) / total;
  }

  double vocabulary_;
  std::size_t longest_;
  NGramOptions options_;
  std::map<Tokens, Counts> counts_;
  std::vector<std::array<double, 4>> discounts_;
};

}  // namespace unfold
