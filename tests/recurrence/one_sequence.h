// One sequence in float64, whole and in windows: what tests of backpropagation through time share.
#pragma once

#include <algorithm>
#include <cmath>
#include <vector>

#include "recurrence/check/check.h"

namespace unfold::recurrence {

using Arrays = std::vector<std::vector<double>>;

/// One sequence of T ticks.
inline CheckPoint one_sequence(const Graph& graph, Index ticks, std::uint64_t seed = 5) {
  CheckOptions options;
  options.lengths = {ticks};
  return draw_check_point(graph, options, seed);
}

inline NaiveForward<double> forward_of(const Graph& graph, const CheckPoint& point) {
  return naive_forward(graph, point.unrolling, point.arguments);
}

/// Of the loss sum output_weights * output + sum final_weights * final.
inline NaiveBackward<double> gradients_of(const Graph& graph, const CheckPoint& point) {
  return naive_backward(graph, differentiate(graph), point.unrolling, point.arguments, forward_of(graph, point),
                        point.output_weights, point.final_weights);
}

/// Ticks [first, last) of a point as a point of their own, which begins with `state` and receives `message`.
inline CheckPoint window_of(const Graph& graph, const CheckPoint& point, Index first, Index last, const Arrays& state,
                            const Arrays& message) {
  const auto rows = [&](const std::vector<double>& all, Index size) {
    return std::vector<double>(all.begin() + first * size, all.begin() + last * size);
  };
  CheckPoint result = point;
  result.unrolling = Unrolling::equal(last - first, 1);
  for (std::size_t i = 0; i < graph.inputs.size(); ++i)
    result.arguments.inputs[i] = rows(point.arguments.inputs[i], graph.inputs[i].shape.count());
  result.output_weights = rows(point.output_weights, graph[graph.output].size());
  result.arguments.initial = state;
  result.arguments.keys.first_tick = static_cast<std::uint64_t>(first);
  result.final_weights = message;
  return result;
}

/// The states before tick 0, 1, ..., T - 1, and after the last.
inline std::vector<Arrays> states_of(const Graph& graph, const CheckPoint& point) {
  std::vector<Arrays> states{point.arguments.initial};
  for (Index tick = 0; tick < point.unrolling.steps(); ++tick)
    states.push_back(forward_of(graph, window_of(graph, point, tick, tick + 1, states.back(), {})).final);
  return states;
}

inline Arrays zeros_like(const Arrays& arrays) {
  Arrays result;
  for (const auto& array : arrays) result.emplace_back(array.size(), 0.0);
  return result;
}

inline void add_to(Arrays& sums, const Arrays& more) {
  for (std::size_t i = 0; i < sums.size(); ++i) {
    for (std::size_t j = 0; j < sums[i].size(); ++j) sums[i][j] += more[i][j];
  }
}

inline double norm_of(const Arrays& arrays) {
  double sum = 0;
  for (const auto& array : arrays) {
    for (const double value : array) sum += value * value;
  }
  return std::sqrt(sum);
}

inline double largest_of(const Arrays& arrays) {
  double largest = 0;
  for (const auto& array : arrays) {
    for (const double value : array) largest = std::max(largest, std::abs(value));
  }
  return largest;
}

}  // namespace unfold::recurrence
