#include "recurrence/check/check.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "base/random.h"
#include "recurrence/graph/build_graph.h"
#include "recurrence/rewrites/rewrites.h"
#include "unfold/error.h"

namespace unfold::recurrence {
namespace {

constexpr double kStep = 1e-4;  // of the differences
constexpr double kKinkDistance = 100 * kStep;
constexpr int kDraws = 200;  // points tried before giving up

std::vector<double> draw(Random& random, Index count, double scale) {
  std::vector<double> values(at(count));
  for (double& value : values) value = scale * (2 * random.uniform_double() - 1);
  return values;
}

/// Statistics that could have been stored: of a variance, above zero.
std::vector<double> draw_statistics(Random& random, const ParameterDeclaration& parameter) {
  std::vector<double> values = draw(random, kStoredTicks * parameter.shape[1], 1);
  for (double& value : values) value = 1.5 + value;
  return values;
}

double loss_of(const Graph& graph, const CheckPoint& point) {
  const auto result = naive_forward(graph, point.unrolling, point.arguments);
  double loss = 0;
  for (std::size_t i = 0; i < result.output.size(); ++i) loss += point.output_weights[i] * result.output[i];
  for (std::size_t s = 0; s < result.final.size(); ++s) {
    for (std::size_t i = 0; i < result.final[s].size(); ++i) loss += point.final_weights[s][i] * result.final[s][i];
  }
  return loss;
}

/// Whether every reader of a node stops its gradient, as softmax does with the maximum it subtracts: then it has no
/// kink.
bool only_stopped(const Graph& graph, std::ptrdiff_t id) {
  for (const Node& node : graph.nodes) {
    const bool reads = std::find(node.operands.begin(), node.operands.end(), id) != node.operands.end();
    if (reads && node.op != Op::kStopGradient) return false;
  }
  return true;
}

/// Whether some function is evaluated so close to where it has no derivative that a difference would straddle the kink.
bool near_kink(const Graph& graph, const CheckPoint& point) {
  const auto result = naive_forward(graph, point.unrolling, point.arguments);
  std::vector<Index> offsets;
  Index size = 0;
  for (const Node& node : graph.nodes) {
    offsets.push_back(size);
    size += node.op == Op::kParameter ? 0 : node.size();
  }
  const auto value = [&](const std::vector<double>& trace, NodeId id, Index i) {
    const Node& node = graph[id];
    const Index element = node.size() == 1 ? 0 : i;
    return node.op == Op::kParameter ? point.arguments.parameters[at(node.index)][at(element)]
                                     : trace[at(offsets[at(id)] + element)];
  };
  for (const auto& trace : result.trace) {
    for (const double number : trace) {
      if (!std::isfinite(number)) return true;
    }
    for (const Node& node : graph.nodes) {
      if (node.op == Op::kRowMax && !only_stopped(graph, &node - graph.nodes.data())) {
        std::vector<double> row;
        for (Index i = 0; i < graph[node.operands[0]].size(); ++i) row.push_back(value(trace, node.operands[0], i));
        std::sort(row.rbegin(), row.rend());
        if (row.size() > 1 && row[0] - row[1] < kKinkDistance) return true;
      }
      if (node.op != Op::kMap) continue;
      const bool one = node.function == kernels::Function::kRelu;
      const bool two = node.function == kernels::Function::kMax || node.function == kernels::Function::kMin;
      for (Index i = 0; (one || two) && i < node.size(); ++i) {
        const double a = value(trace, node.operands[0], i);
        const double b = two ? value(trace, node.operands[1], i) : 0;
        if (std::abs(a - b) < kKinkDistance) return true;
      }
    }
  }
  return false;
}

/// Fourth-order central difference of the loss in one entry.
double difference(const Graph& graph, CheckPoint& point, double& entry) {
  const double original = entry;
  const auto loss_at = [&](double offset) {
    entry = original + offset;
    const double loss = loss_of(graph, point);
    entry = original;
    return loss;
  };
  return (8 * (loss_at(kStep) - loss_at(-kStep)) - (loss_at(2 * kStep) - loss_at(-2 * kStep))) / (12 * kStep);
}

/// For differences, what acts on gradients only does not exist.
Graph without_gradient_functions(Graph graph) {
  for (Node& node : graph.nodes) {
    if (node.op != Op::kStopGradient && node.op != Op::kClipGradient) continue;
    node.op = Op::kMap;
    node.function = kernels::Function::kIdentity;
  }
  return graph;
}

}  // namespace

Disagreement disagreement(std::string name, const std::vector<double>& found, const std::vector<double>& expected,
                          double floor) {
  Disagreement result;
  result.name = std::move(name);
  result.entries = static_cast<Index>(found.size());
  double largest = 0;
  for (const double value : expected) largest = std::max(largest, std::abs(value));
  for (std::size_t i = 0; i < found.size(); ++i) {
    const double scale = std::max({std::abs(expected[i]), floor * largest, 1e-30});
    const double error = std::abs(found[i] - expected[i]) / scale;
    if (!(error <= result.worst)) {
      result.worst = std::isnan(error) ? HUGE_VAL : error;
      result.where = static_cast<Index>(i);
      result.found = found[i];
      result.expected = expected[i];
    }
  }
  return result;
}

double plan_tolerance(const Graph& graph) { return couples_rows(graph) ? kFewRowsPlanTolerance : kPlanTolerance; }

const Disagreement* worst_of(const std::vector<Disagreement>& list) {
  const auto found =
      std::max_element(list.begin(), list.end(), [](const auto& a, const auto& b) { return a.worst < b.worst; });
  return found == list.end() ? nullptr : &*found;
}

CheckPoint draw_check_point(const Graph& graph, const CheckOptions& options, std::uint64_t seed) {
  CheckPoint point;
  point.unrolling = Unrolling::ragged(options.lengths);
  const Index rows = point.unrolling.rows();
  const Index batch = point.unrolling.batch();
  Random random(combine(options.seed, seed));
  for (const auto& input : graph.inputs) point.arguments.inputs.push_back(draw(random, rows * input.shape.count(), 1));
  for (const auto& given : graph.givens) point.arguments.givens.push_back(draw(random, batch * given.shape.count(), 1));
  for (const auto& state : graph.states)
    point.arguments.initial.push_back(draw(random, batch * state.shape.count(), state.counts_ticks ? 0 : 1));
  for (const auto& parameter : graph.parameters) {
    if (parameter.per_tick)
      point.arguments.parameters.push_back(draw_statistics(random, parameter));
    else
      point.arguments.parameters.push_back(draw(random, parameter.shape.count(), 0.8));
  }
  point.arguments.keys.seed = options.seed;
  point.output_weights = draw(random, rows * graph[graph.output].size(), 1);
  for (const auto& state : graph.states)
    point.final_weights.push_back(draw(random, batch * state.shape.count(), state.counts_ticks ? 0 : 1));
  return point;
}

std::vector<Disagreement> check_gradient(const Graph& graph, const GradientGraph& gradient,
                                         const CheckOptions& options) {
  const Graph plain = without_gradient_functions(graph);
  CheckPoint point;
  int draws = 0;
  do {
    if (++draws > kDraws) {
      throw InputError(
          fmt::format("cell {}: no point was found in {} draws where the gradient can be checked: values are not "
                      "finite, or lie on kinks",
                      graph.cell, kDraws));
    }
    point = draw_check_point(plain, options, static_cast<std::uint64_t>(draws));
  } while (near_kink(graph, point));

  const auto forward = naive_forward(graph, point.unrolling, point.arguments);
  const auto analytic = naive_backward(graph, gradient, point.unrolling, point.arguments, forward, point.output_weights,
                                       point.final_weights);
  std::vector<Disagreement> result;
  const auto check = [&](const std::string& name, std::vector<double>& values, const std::vector<double>& found) {
    std::vector<double> expected;
    for (double& entry : values) expected.push_back(difference(plain, point, entry));
    result.push_back(disagreement(name, found, expected, 1e-3));
  };
  for (std::size_t p = 0; p < graph.parameters.size(); ++p) {
    if (graph.parameters[p].trainable)
      check("parameter " + graph.parameters[p].name, point.arguments.parameters[p], analytic.parameters[p]);
  }
  for (std::size_t i = 0; i < graph.inputs.size(); ++i) {
    if (graph.inputs[i].forces_state < 0)
      check("input " + graph.inputs[i].name, point.arguments.inputs[i], analytic.inputs[i]);
  }
  for (std::size_t i = 0; i < graph.givens.size(); ++i)
    check("given " + graph.givens[i].name, point.arguments.givens[i], analytic.givens[i]);
  for (std::size_t s = 0; s < graph.states.size(); ++s)
    check("initial " + graph.states[s].name, point.arguments.initial[s], analytic.initial[s]);
  return result;
}

CheckReport check_cell(const Cell& cell, const CheckOptions& options) {
  const Graph plain = build_graph(cell.definition(), {options.sizes.input, options.sizes.hidden, options.sizes.target});
  const Graph graph = apply_rewrites(plain, options.rewrites, Mode::kTraining);
  std::vector<Rewrite> of_values = options.rewrites;
  std::erase_if(of_values, [](const Rewrite& rewrite) { return rewrite.kind == Rewrite::Kind::kMessageClip; });
  const Graph differentiable = apply_rewrites(plain, of_values, Mode::kTraining);
  CheckReport report;
  report.gradients = check_gradient(differentiable, differentiate(differentiable), options);
  for (const auto kind : {InputValues::Kind::kDense, InputValues::Kind::kOneHot, InputValues::Kind::kEmbedded}) {
    for (auto& found : check_plan(graph, options, kind)) report.plan.push_back(std::move(found));
  }
  report.gradients_pass =
      worst_of(report.gradients) == nullptr || worst_of(report.gradients)->worst < kGradientTolerance;
  report.plan_tolerance = plan_tolerance(graph);
  report.plan_pass = worst_of(report.plan) == nullptr || worst_of(report.plan)->worst < report.plan_tolerance;
  return report;
}

}  // namespace unfold::recurrence
