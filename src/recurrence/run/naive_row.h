// The naive executor's evaluation of a graph, node by node: of one row, and of the rows of a tick together.
#pragma once

#include <algorithm>
#include <functional>
#include <span>
#include <vector>

#include "recurrence/run/masks.h"
#include "recurrence/run/naive.h"
#include "recurrence/run/statistics.h"

namespace unfold::recurrence {

/// Where each node's value lies in a row's trace.
struct Layout {
  std::vector<Index> offsets;
  Index size = 0;

  explicit Layout(const Graph& graph) {
    for (const Node& node : graph.nodes) {
      offsets.push_back(size);
      size += node.op == Op::kParameter ? 0 : node.size();  // parameters are read where they are
    }
  }
};

/// The parameters as the nodes of a graph read them: plain, or through weight drop.
template <class Real>
class ReadParameters {
 public:
  ReadParameters(const Graph& graph, const NaiveArguments<Real>& arguments)
      : plain_(arguments.parameters), masks_(graph.parameters.size()), dropped_(graph.parameters.size()) {
    for (const Node& node : graph.nodes) {
      if (node.op != Op::kParameter || node.number == 0) continue;
      const std::vector<Real>& plain = plain_[at(node.index)];
      std::vector<Real>& mask = masks_[at(node.index)];
      mask.resize(plain.size());
      draw_weight_mask(node.number, node.index, arguments.keys, static_cast<Index>(mask.size()), mask.data());
      dropped_[at(node.index)] = plain;
      for (std::size_t i = 0; i < mask.size(); ++i) dropped_[at(node.index)][i] *= mask[i];
    }
  }

  const Real* data(const Node& node) const { return (node.number == 0 ? plain_ : dropped_)[at(node.index)].data(); }
  const std::vector<Real>& plain(Index parameter) const { return plain_[at(parameter)]; }
  const std::vector<Real>& mask(Index parameter) const { return masks_[at(parameter)]; }

 private:
  const std::vector<std::vector<Real>>& plain_;
  std::vector<std::vector<Real>> masks_;
  std::vector<std::vector<Real>> dropped_;
};

/// Evaluates one row of a graph. `leaf` writes the value of a leaf other than a parameter or a number.
template <class Real>
class RowEvaluation {
 public:
  using Leaf = std::function<void(const Node&, Real*)>;

  RowEvaluation(const Graph& graph, const Layout& layout, const ReadParameters<Real>& parameters, Real* values)
      : graph_(graph), layout_(layout), parameters_(parameters), values_(values) {}

  const Real* value(NodeId id) const {
    const Node& node = graph_[id];
    if (node.op == Op::kParameter) return parameters_.data(node);
    return values_ + layout_.offsets[at(id)];
  }

  /// Where the value of a node other than a parameter is written.
  Real* place(NodeId id) { return values_ + layout_.offsets[at(id)]; }

  /// Evaluates any node but a mean over rows.
  void evaluate(NodeId id, const Leaf& leaf) {
    const Node& node = graph_[id];
    Real* y = place(id);
    const Index n = node.size();
    switch (node.op) {
      case Op::kParameter: break;
      case Op::kNumber: y[0] = static_cast<Real>(node.number); break;
      case Op::kProduct: product(node, y); break;
      case Op::kProductTransposed: product_transposed(node, y); break;
      case Op::kMap: map(node, y); break;
      case Op::kSum: y[0] = sum(node.operands[0]); break;
      case Op::kRowMax:
        y[0] = *std::max_element(value(node.operands[0]), value(node.operands[0]) + size(node.operands[0]));
        break;
      case Op::kSpread: std::fill_n(y, n, value(node.operands[0])[0]); break;
      case Op::kConcat:
        for (const NodeId operand : node.operands) y = std::copy_n(value(operand), size(operand), y);
        break;
      case Op::kSlice: std::copy_n(value(node.operands[0]) + node.begin, n, y); break;
      case Op::kPad:
        std::fill_n(y, n, Real(0));
        std::copy_n(value(node.operands[0]), size(node.operands[0]), y + node.begin);
        break;
      case Op::kNext:
      case Op::kStopGradient:
      case Op::kClipGradient: std::copy_n(value(node.operands[0]), n, y); break;
      case Op::kTickRow: stored_statistic(node, value(node.operands[0])[0], y); break;
      default: leaf(node, y); break;
    }
  }

  /// What is stored for the tick that a counter has reached.
  void stored_statistic(const Node& node, Real counter, Real* y) const {
    const std::vector<Real>& stored = parameters_.plain(node.index);
    const Index n = node.size();
    const Index ticks = static_cast<Index>(stored.size()) / n;
    if (ticks == 0)
      std::fill_n(y, n, static_cast<Real>(graph_.parameters[at(node.index)].initial.number));
    else
      std::copy_n(stored.data() + stored_tick(static_cast<double>(counter), ticks) * n, n, y);
  }

 private:
  Index size(NodeId id) const { return graph_[id].size(); }

  Real sum(NodeId operand) const {
    Real total = 0;
    for (Index i = 0; i < size(operand); ++i) total += value(operand)[i];
    return total;
  }

  /// y = W[:, begin : begin + K] v
  void product(const Node& node, Real* y) const {
    const Index columns = graph_[node.operands[0]].shape[1];
    const Real* w = value(node.operands[0]) + node.begin;
    const Real* v = value(node.operands[1]);
    const Index k = size(node.operands[1]);
    for (Index i = 0; i < node.size(); ++i) {
      Real total = 0;
      for (Index j = 0; j < k; ++j) total += w[i * columns + j] * v[j];
      y[i] = total;
    }
  }

  /// y = W[:, begin : begin + K]^T d
  void product_transposed(const Node& node, Real* y) const {
    const Index columns = graph_[node.operands[0]].shape[1];
    const Real* w = value(node.operands[0]) + node.begin;
    const Real* d = value(node.operands[1]);
    const Index rows = size(node.operands[1]);
    for (Index j = 0; j < node.size(); ++j) {
      Real total = 0;
      for (Index i = 0; i < rows; ++i) total += w[i * columns + j] * d[i];
      y[j] = total;
    }
  }

  void map(const Node& node, Real* y) const {
    const auto element = [&](std::size_t operand, Index i) {
      if (operand >= node.operands.size()) return Real(0);
      const NodeId id = node.operands[operand];
      return value(id)[size(id) == 1 ? 0 : i];
    };
    for (Index i = 0; i < node.size(); ++i) {
      y[i] = kernels::apply(node.function, element(0, i), element(1, i), element(2, i));
    }
  }

  const Graph& graph_;
  const Layout& layout_;
  const ReadParameters<Real>& parameters_;
  Real* values_;
};

/// The mean over the rows of a tick, written for every row.
template <class Real>
void average_rows(const Node& node, NodeId id, std::span<RowEvaluation<Real>> rows) {
  const Index n = node.size();
  Real* mean = rows[0].place(id);
  std::fill_n(mean, n, Real(0));
  if (static_cast<Index>(rows.size()) >= kFewestRows) {
    for (const RowEvaluation<Real>& row : rows) {
      for (Index i = 0; i < n; ++i) mean[i] += row.value(node.operands[0])[i];
    }
    for (Index i = 0; i < n; ++i) mean[i] /= static_cast<Real>(rows.size());
  } else if (node.index != kNotStored) {
    rows[0].stored_statistic(node, rows[0].value(node.operands[1])[0], mean);
  }
  for (RowEvaluation<Real>& row : rows.subspan(1)) std::copy_n(mean, n, row.place(id));
}

/// Evaluates the nodes of a graph for the rows of a tick; `leaves` has the leaf function of each.
template <class Real>
void evaluate_tick(const Graph& graph, std::span<RowEvaluation<Real>> rows,
                   const std::vector<typename RowEvaluation<Real>::Leaf>& leaves) {
  for (NodeId id = 0; at(id) < graph.nodes.size(); ++id) {
    if (graph[id].op == Op::kTickMean) {
      average_rows(graph[id], id, rows);
      continue;
    }
    for (std::size_t row = 0; row < rows.size(); ++row) rows[row].evaluate(id, leaves[row]);
  }
}

}  // namespace unfold::recurrence
