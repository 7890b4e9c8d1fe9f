// Arithmetic on sizes, as in `state s[2 * hidden]` and `a[width:]`.
#pragma once

#include <optional>

#include "recurrence/graph/graph.h"
#include "recurrence/parse/definition.h"

namespace unfold::recurrence {

class SizeEvaluator {
 public:
  SizeEvaluator(const Definition& definition, const KnownSizes& known) : definition_(definition), known_(known) {}

  /// Value of a size expression, 0 to kLargestExtent. Nothing for a bare name that a `given` leaves open. Throws
  /// InputError: not a whole number, out of range, `target` where there is none.
  std::optional<Index> evaluate(ExpressionId id) const;
  /// As evaluate, for an extent: at least 1.
  std::optional<Index> evaluate_extent(ExpressionId id) const;
  /// Whether [begin, end) has length 1 whatever the known sizes are.
  bool is_always_one(ExpressionId begin, ExpressionId end) const;
  /// Whether an extent is written as the number 1, which makes what it declares a scalar.
  bool is_literal_one(const std::vector<ExpressionId>& extents) const;

 private:
  double number(ExpressionId id, const KnownSizes& known) const;
  void check_known(const Expression& name) const;
  const Syntax& syntax() const { return definition_.syntax; }

  const Definition& definition_;
  const KnownSizes& known_;
};

}  // namespace unfold::recurrence
