// Unification of sizes: variables that are equal or sums of one another, some of them known.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "recurrence/graph/graph.h"

namespace unfold::recurrence {

class SizeSolver {
 public:
  using Variable = std::int32_t;

  /// A known size and where it comes from, in words: "the state 'h'".
  struct Known {
    Index size = 0;
    std::string origin;
  };
  /// Two sizes that had to agree and do not.
  struct Conflict {
    Known left;
    Known right;
  };
  using Report = std::function<void(const Conflict&)>;  // throws

  Variable add();
  Variable add(Index size, std::string origin);
  /// Makes them equal; calls `report` at once, or later when a sum is solved, if they are not.
  void equate(Variable a, Variable b, const Report& report);
  /// total = sum of `parts` + constant.
  void equate_sum(Variable total, std::vector<Variable> parts, Index constant, std::string origin, Report report);
  /// Solves sums until nothing more becomes known.
  void solve();

  std::optional<Index> size(Variable variable) const;

 private:
  struct Sum {
    Variable total;
    std::vector<Variable> parts;
    Index constant;
    std::string origin;
    Report report;
    bool done = false;
  };

  Variable root(Variable variable) const;
  void set(Variable variable, Index size, const std::string& origin, const Report& report);
  bool solve(Sum& sum);

  mutable std::vector<Variable> parents_;  // of the union-find forest; look-ups shorten it
  std::vector<std::optional<Known>> known_;
  std::vector<Sum> sums_;
};

}  // namespace unfold::recurrence
