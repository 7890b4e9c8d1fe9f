#include "recurrence/run/naive.h"

#include <algorithm>
#include <functional>

#include "recurrence/run/masks.h"

namespace unfold::recurrence {
namespace {

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

  void run(const Leaf& leaf) {
    for (std::size_t id = 0; id < graph_.nodes.size(); ++id) evaluate(static_cast<NodeId>(id), leaf);
  }

  const Real* value(NodeId id) const {
    const Node& node = graph_[id];
    if (node.op == Op::kParameter) return parameters_.data(node);
    return values_ + layout_.offsets[at(id)];
  }

 private:
  void evaluate(NodeId id, const Leaf& leaf) {
    const Node& node = graph_[id];
    Real* y = values_ + layout_.offsets[at(id)];
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
      default: leaf(node, y); break;
    }
  }

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

template <class Real>
void add(std::vector<Real>& total, const std::vector<Real>& more) {
  for (std::size_t i = 0; i < total.size(); ++i) total[i] += more[i];
}

/// The gradient of one sequence's parameters, added tick by tick.
template <class Real>
void add_parameter_gradients(const GradientGraph& gradient, const RowEvaluation<Real>& row,
                             const ReadParameters<Real>& parameters, std::vector<std::vector<Real>>& sums) {
  const Graph& graph = gradient.graph;
  for (const ParameterGradient& part : gradient.parameters) {
    std::vector<Real>& target = sums[at(part.parameter)];
    const Real* d = row.value(part.gradient);
    const Index rows = graph[part.gradient].size();
    if (part.operand == kNoNode) {
      for (Index i = 0; i < rows; ++i) target[at(i)] += d[i];
      continue;
    }
    const Real* v = row.value(part.operand);
    const Index columns = graph.parameters[at(part.parameter)].shape[1];
    const Index used = graph[part.operand].size();
    for (Index i = 0; i < rows; ++i) {
      for (Index j = 0; j < used; ++j) {
        const std::size_t element = at(i * columns + part.begin + j);
        target[element] += part.drop > 0 ? d[i] * v[j] * parameters.mask(part.parameter)[element] : d[i] * v[j];
      }
    }
  }
}

}  // namespace

template <class Real>
NaiveForward<Real> naive_forward(const Graph& graph, const Unrolling& unrolling,
                                 const NaiveArguments<Real>& arguments) {
  const Layout layout(graph);
  const ReadParameters<Real> parameters(graph, arguments);
  const Index output_size = graph[graph.output].size();
  NaiveForward<Real> result;
  result.output.resize(at(unrolling.rows() * output_size));
  result.final = arguments.initial;
  result.trace.assign(at(unrolling.rows()), std::vector<Real>(at(layout.size)));
  for (Index sequence = 0; sequence < unrolling.batch(); ++sequence) {
    for (Index tick = 0; tick < unrolling.lengths()[at(sequence)]; ++tick) {
      const Index row = unrolling.row(sequence, tick);
      RowEvaluation<Real> evaluation(graph, layout, parameters, result.trace[at(row)].data());
      evaluation.run([&](const Node& node, Real* y) {
        const Index n = node.size();
        switch (node.op) {
          case Op::kInput: std::copy_n(arguments.inputs[at(node.index)].data() + row * n, n, y); break;
          case Op::kState: std::copy_n(result.final[at(node.index)].data() + sequence * n, n, y); break;
          case Op::kGiven: std::copy_n(arguments.givens[at(node.index)].data() + sequence * n, n, y); break;
          case Op::kMask: draw_mask(graph.masks[at(node.index)], node.index, arguments.keys, sequence, tick, y); break;
          default: break;
        }
      });
      for (std::size_t state = 0; state < graph.next.size(); ++state) {
        const Index n = graph.states[state].shape.count();
        std::copy_n(evaluation.value(graph.next[state]), n, result.final[state].data() + sequence * n);
      }
      std::copy_n(evaluation.value(graph.output), output_size, result.output.data() + row * output_size);
    }
  }
  return result;
}

template <class Real>
NaiveBackward<Real> naive_backward(const Graph& graph, const GradientGraph& gradient, const Unrolling& unrolling,
                                   const NaiveArguments<Real>& arguments, const NaiveForward<Real>& forward,
                                   const std::vector<Real>& output_gradient,
                                   const std::vector<std::vector<Real>>& final_gradient) {
  const Layout forward_layout(graph);
  const Layout layout(gradient.graph);
  const ReadParameters<Real> parameters(gradient.graph, arguments);
  const auto zeros = [](const std::vector<std::vector<Real>>& like) {
    std::vector<std::vector<Real>> result;
    for (const auto& values : like) result.emplace_back(values.size(), Real(0));
    return result;
  };
  NaiveBackward<Real> result{zeros(arguments.inputs), zeros(arguments.givens), zeros(arguments.initial),
                             zeros(arguments.parameters)};
  if (!final_gradient.empty()) result.initial = final_gradient;

  std::vector<Real> values(at(layout.size));
  for (Index sequence = 0; sequence < unrolling.batch(); ++sequence) {
    auto sums = zeros(arguments.parameters);
    for (Index tick = unrolling.lengths()[at(sequence)] - 1; tick >= 0; --tick) {
      const Index row = unrolling.row(sequence, tick);
      RowEvaluation<Real> evaluation(gradient.graph, layout, parameters, values.data());
      evaluation.run([&](const Node& node, Real* y) {
        const Index n = node.size();
        const auto forward_value = [&] {
          return forward.trace[at(row)].data() + forward_layout.offsets[at(node.index)];
        };
        switch (node.op) {
          case Op::kForward: std::copy_n(forward_value(), n, y); break;
          case Op::kNextGradient: std::copy_n(result.initial[at(node.index)].data() + sequence * n, n, y); break;
          case Op::kOutputGradient:
            if (output_gradient.empty())
              std::fill_n(y, n, Real(0));
            else
              std::copy_n(output_gradient.data() + row * n, n, y);
            break;
          default: break;
        }
      });
      // The message to the tick before replaces the one this tick received.
      for (std::size_t state = 0; state < graph.states.size(); ++state) {
        const Index n = graph.states[state].shape.count();
        Real* message = result.initial[state].data() + sequence * n;
        const NodeId d = gradient.graph.next[state];
        if (d == kNoNode)
          std::fill_n(message, n, Real(0));
        else
          std::copy_n(evaluation.value(d), n, message);
      }
      for (std::size_t i = 0; i < gradient.inputs.size(); ++i) {
        if (gradient.inputs[i] == kNoNode) continue;
        const Index n = graph.inputs[i].shape.count();
        std::copy_n(evaluation.value(gradient.inputs[i]), n, result.inputs[i].data() + row * n);
      }
      for (std::size_t i = 0; i < gradient.givens.size(); ++i) {
        if (gradient.givens[i] == kNoNode) continue;
        const Index n = graph.givens[i].shape.count();
        for (Index j = 0; j < n; ++j) result.givens[i][at(sequence * n + j)] += evaluation.value(gradient.givens[i])[j];
      }
      add_parameter_gradients(gradient, evaluation, parameters, sums);
    }
    for (std::size_t p = 0; p < sums.size(); ++p) add(result.parameters[p], sums[p]);
  }
  return result;
}

#define UNFOLD_INSTANTIATE(Real)                                                                          \
  template NaiveForward<Real> naive_forward(const Graph&, const Unrolling&, const NaiveArguments<Real>&); \
  template NaiveBackward<Real> naive_backward(const Graph&, const GradientGraph&, const Unrolling&,       \
                                              const NaiveArguments<Real>&, const NaiveForward<Real>&,     \
                                              const std::vector<Real>&, const std::vector<std::vector<Real>>&);
UNFOLD_INSTANTIATE(float)
UNFOLD_INSTANTIATE(double)
#undef UNFOLD_INSTANTIATE

}  // namespace unfold::recurrence
