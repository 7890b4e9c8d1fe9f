#include "recurrence/shapes/size_solver.h"

#include <algorithm>

namespace unfold::recurrence {

SizeSolver::Variable SizeSolver::add() {
  parents_.push_back(static_cast<Variable>(parents_.size()));
  known_.emplace_back();
  return parents_.back();
}

SizeSolver::Variable SizeSolver::add(Index size, std::string origin) {
  const Variable variable = add();
  known_.back() = Known{size, std::move(origin)};
  return variable;
}

SizeSolver::Variable SizeSolver::root(Variable variable) const {
  const auto parent = [this](Variable child) -> Variable& { return parents_[static_cast<std::size_t>(child)]; };
  while (parent(variable) != variable) {
    parent(variable) = parent(parent(variable));  // halves the way of later look-ups
    variable = parent(variable);
  }
  return variable;
}

void SizeSolver::equate(Variable a, Variable b, const Report& report) {
  const Variable left = root(a);
  const Variable right = root(b);
  if (left == right) return;
  auto& left_known = known_[static_cast<std::size_t>(left)];
  const auto& right_known = known_[static_cast<std::size_t>(right)];
  if (left_known && right_known && left_known->size != right_known->size) report({*left_known, *right_known});
  // The younger joins the older, so that an origin is the first one stated in the text.
  const Variable older = std::min(left, right);
  const Variable younger = std::max(left, right);
  auto& kept = known_[static_cast<std::size_t>(older)];
  if (!kept) kept = known_[static_cast<std::size_t>(younger)];
  parents_[static_cast<std::size_t>(younger)] = older;
}

void SizeSolver::equate_sum(Variable total, std::vector<Variable> parts, Index constant, std::string origin,
                            Report report) {
  sums_.push_back({total, std::move(parts), constant, std::move(origin), std::move(report)});
}

// Sweeps forwards and backwards in turn, since sizes flow both ways through a text.
void SizeSolver::solve() {
  for (bool progress = true; progress; std::ranges::reverse(sums_)) {
    progress = false;
    for (Sum& sum : sums_) {
      if (!sum.done && solve(sum)) progress = true;
    }
  }
}

std::optional<Index> SizeSolver::size(Variable variable) const {
  const auto& known = known_[static_cast<std::size_t>(root(variable))];
  if (!known) return std::nullopt;
  return known->size;
}

void SizeSolver::set(Variable variable, Index size, const std::string& origin, const Report& report) {
  equate(variable, add(size, origin), report);
}

// Solves for the one unknown, or checks if there is none.
bool SizeSolver::solve(Sum& sum) {
  Index known_parts = sum.constant;
  std::optional<Variable> unknown;
  for (const Variable part : sum.parts) {
    const auto part_size = size(part);
    if (!part_size && unknown) return false;
    if (part_size) {
      known_parts += *part_size;
    } else {
      unknown = part;
    }
  }
  const auto total = size(sum.total);
  if (!total && unknown) return false;
  sum.done = true;
  if (unknown) {
    if (*total <= known_parts) sum.report({{*total, {}}, {known_parts, sum.origin}});
    set(*unknown, *total - known_parts, sum.origin, sum.report);
  } else {
    set(sum.total, known_parts, sum.origin, sum.report);
  }
  return true;
}

}  // namespace unfold::recurrence
