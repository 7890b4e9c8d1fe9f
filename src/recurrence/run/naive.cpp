#include "recurrence/run/naive.h"

#include <algorithm>

#include "recurrence/run/naive_row.h"

namespace unfold::recurrence {
namespace {

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

/// What a row sends to the tick before, to its inputs and to its sequence's givens.
template <class Real>
void pass_on(const GradientGraph& gradient, const RowEvaluation<Real>& values, Index row, Index sequence,
             NaiveBackward<Real>& result) {
  const Graph& graph = gradient.graph;
  // The message to the tick before replaces the one this tick received.
  for (std::size_t state = 0; state < graph.states.size(); ++state) {
    const Index n = graph.states[state].shape.count();
    Real* message = result.initial[state].data() + sequence * n;
    const NodeId d = graph.next[state];
    if (d == kNoNode)
      std::fill_n(message, n, Real(0));
    else
      std::copy_n(values.value(d), n, message);
  }
  for (std::size_t i = 0; i < gradient.inputs.size(); ++i) {
    if (gradient.inputs[i] == kNoNode) continue;
    const Index n = graph.inputs[i].shape.count();
    std::copy_n(values.value(gradient.inputs[i]), n, result.inputs[i].data() + row * n);
  }
  for (std::size_t i = 0; i < gradient.givens.size(); ++i) {
    if (gradient.givens[i] == kNoNode) continue;
    const Index n = graph.givens[i].shape.count();
    for (Index j = 0; j < n; ++j) result.givens[i][at(sequence * n + j)] += values.value(gradient.givens[i])[j];
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
  for (Index tick = 0; tick < unrolling.steps(); ++tick) {
    std::vector<RowEvaluation<Real>> rows;
    std::vector<typename RowEvaluation<Real>::Leaf> leaves;
    for (Index p = 0; p < unrolling.rows_at(tick); ++p) {
      const Index row = unrolling.start(tick) + p;
      const Index sequence = unrolling.order()[at(p)];
      rows.emplace_back(graph, layout, parameters, result.trace[at(row)].data());
      leaves.push_back([&, row, sequence, tick](const Node& node, Real* y) {
        const Index n = node.size();
        switch (node.op) {
          case Op::kInput: std::copy_n(arguments.inputs[at(node.index)].data() + row * n, n, y); break;
          case Op::kState: std::copy_n(result.final[at(node.index)].data() + sequence * n, n, y); break;
          case Op::kGiven: std::copy_n(arguments.givens[at(node.index)].data() + sequence * n, n, y); break;
          case Op::kMask:
            draw_mask(graph.masks[at(node.index)], mask_key(node.index, arguments.keys, sequence),
                      arguments.keys.first_tick, tick, y);
            break;
          default: break;
        }
      });
    }
    evaluate_tick(graph, std::span(rows), leaves);
    for (Index p = 0; p < unrolling.rows_at(tick); ++p) {
      const Index sequence = unrolling.order()[at(p)];
      for (std::size_t state = 0; state < graph.next.size(); ++state) {
        const Index n = graph.states[state].shape.count();
        std::copy_n(rows[at(p)].value(graph.next[state]), n, result.final[state].data() + sequence * n);
      }
      std::copy_n(rows[at(p)].value(graph.output), output_size,
                  result.output.data() + (unrolling.start(tick) + p) * output_size);
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

  std::vector<std::vector<Real>> trace(at(unrolling.rows()), std::vector<Real>(at(layout.size)));
  const auto evaluation = [&](Index row) {
    return RowEvaluation<Real>(gradient.graph, layout, parameters, trace[at(row)].data());
  };
  for (Index tick = unrolling.steps() - 1; tick >= 0; --tick) {
    std::vector<RowEvaluation<Real>> rows;
    std::vector<typename RowEvaluation<Real>::Leaf> leaves;
    for (Index p = 0; p < unrolling.rows_at(tick); ++p) {
      const Index row = unrolling.start(tick) + p;
      const Index sequence = unrolling.order()[at(p)];
      rows.push_back(evaluation(row));
      leaves.push_back([&, row, sequence](const Node& node, Real* y) {
        const Index n = node.size();
        switch (node.op) {
          case Op::kForward:
            std::copy_n(forward.trace[at(row)].data() + forward_layout.offsets[at(node.index)], n, y);
            break;
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
    }
    evaluate_tick(gradient.graph, std::span(rows), leaves);
    for (Index p = 0; p < unrolling.rows_at(tick); ++p)
      pass_on(gradient, rows[at(p)], unrolling.start(tick) + p, unrolling.order()[at(p)], result);
  }
  for (Index sequence = 0; sequence < unrolling.batch(); ++sequence) {
    auto sums = zeros(arguments.parameters);
    for (Index tick = unrolling.lengths()[at(sequence)] - 1; tick >= 0; --tick)
      add_parameter_gradients(gradient, evaluation(unrolling.row(sequence, tick)), parameters, sums);
    for (std::size_t p = 0; p < sums.size(); ++p) add(result.parameters[p], sums[p]);
  }
  return result;
}

std::vector<ObservedStatistic> observed_statistics(const Graph& graph, const Unrolling& unrolling,
                                                   const NaiveForward<float>& forward) {
  const Layout layout(graph);
  const Index ticks = observed_ticks(unrolling);
  std::vector<ObservedStatistic> result;
  for (std::size_t id = 0; id < graph.nodes.size(); ++id) {
    const Node& node = graph.nodes[id];
    if (node.op != Op::kTickMean) continue;
    Tensor means = Tensor::uninitialised({ticks, node.size()});
    for (Index tick = 0; tick < ticks; ++tick) {
      std::copy_n(forward.trace[at(unrolling.start(tick))].data() + layout.offsets[id], node.size(),
                  means.data() + tick * node.size());
    }
    result.push_back({node.index, std::move(means)});
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
