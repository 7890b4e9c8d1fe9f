// Differentiates the graph of one step in reverse mode. The result is a graph again, of the step that backpropagation
// through time takes from tick t to t - 1, so backward is planned and executed by the same stages as forward.
#pragma once

#include <vector>

#include "recurrence/graph/graph.h"

namespace unfold::recurrence {

/// One contribution to a parameter's gradient, summed over all rows:
/// a matrix's columns [begin, begin + size of operand) += gradient operand^T (times the mask of weight drop); a
/// vector's gradient += gradient.
struct ParameterGradient {
  Index parameter = 0;
  NodeId gradient = kNoNode;
  NodeId operand = kNoNode;  // kNoNode for a vector
  Index begin = 0;
  double drop = 0;  // rate of the weight drop through which the matrix was read: its mask is the gradient's too
};

struct GradientGraph {
  /// Leaves: kForward, kOutputGradient, kNextGradient, and the parameters and numbers of the forward graph.
  /// `next[s]` is dL/d(previous value of state s), kNoNode where it is zero.
  Graph graph;
  std::vector<NodeId> inputs;  // dL/dinputs[i], kNoNode where it is zero or not wanted (teacher forcing)
  std::vector<NodeId> givens;
  std::vector<ParameterGradient> parameters;
};

GradientGraph differentiate(const Graph& forward);

}  // namespace unfold::recurrence
