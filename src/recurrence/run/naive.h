// The definition of right: walks the graph step by step, row by row, with no plan, in float or double.
#pragma once

#include <vector>

#include "recurrence/gradient.h"
#include "recurrence/graph/graph.h"
#include "recurrence/run/statistics.h"
#include "unfold/recurrence.h"

namespace unfold::recurrence {

/// What a run reads, all dense and row-major. Rows [N] are those of the unrolling; sequences [B] in the caller's order.
template <class Real>
struct NaiveArguments {
  std::vector<std::vector<Real>> inputs;      // [N, I] per input, teacher-forced ones included
  std::vector<std::vector<Real>> givens;      // [B, n]
  std::vector<std::vector<Real>> initial;     // [B, size] per state
  std::vector<std::vector<Real>> parameters;  // as declared
  MaskKeys keys;
};

template <class Real>
struct NaiveForward {
  std::vector<Real> output;              // [N, output size]
  std::vector<std::vector<Real>> final;  // [B, size] per state
  std::vector<std::vector<Real>> trace;  // [N][all node values one after another], what backward reads
};

template <class Real>
struct NaiveBackward {
  std::vector<std::vector<Real>> inputs;  // as NaiveArguments, zeros where no gradient flows
  std::vector<std::vector<Real>> givens;
  std::vector<std::vector<Real>> initial;
  std::vector<std::vector<Real>> parameters;
};

template <class Real>
NaiveForward<Real> naive_forward(const Graph& graph, const Unrolling& unrolling, const NaiveArguments<Real>& arguments);

/// `output_gradient` [N, output size], `final_gradient` [B, size] per state; either may be empty for zeros. Each
/// sequence's parameter gradients are summed on their own, backwards in time, then added in the order of the sequences.
template <class Real>
NaiveBackward<Real> naive_backward(const Graph& graph, const GradientGraph& gradient, const Unrolling& unrolling,
                                   const NaiveArguments<Real>& arguments, const NaiveForward<Real>& forward,
                                   const std::vector<Real>& output_gradient,
                                   const std::vector<std::vector<Real>>& final_gradient);

/// What a forward run in float saw of the statistics over rows.
std::vector<ObservedStatistic> observed_statistics(const Graph& graph, const Unrolling& unrolling,
                                                   const NaiveForward<float>& forward);

}  // namespace unfold::recurrence
