// What is known of the values that a gradient graph sums, so that its sums are as little work as can be: what is the
// same for all of them need not be multiplied with each, and what is centred adds nothing.
#pragma once

#include <map>
#include <vector>

#include "recurrence/graph/graph.h"

namespace unfold::recurrence {

class Summands {
 public:
  /// Of a kSum, over the elements of a row, or a kTickMean, over the rows of a tick. Nodes may be added to the gradient
  /// graph later.
  Summands(Op sum, const Graph& forward, const Graph& gradient);

  /// Whether node `id` of the gradient graph is the same for all elements, or for all rows.
  bool is_constant(NodeId id);
  /// Whether it adds up to zero: a value of the forward step less its mean, perhaps times a constant.
  bool vanishes(NodeId id);

 private:
  bool is_same_for_all_rows(NodeId id);
  bool is_centred(NodeId forward) const;
  bool is_mean_of(NodeId forward, NodeId value) const;

  Op sum_;
  const Graph& forward_;
  const Graph& gradient_;
  std::vector<char> is_constant_in_forward_;  // per node, for all rows
  std::map<NodeId, bool> same_;               // for all rows: what was found out already
};

}  // namespace unfold::recurrence
