// Planned against naive execution of one graph.
#include <algorithm>

#include "base/random.h"
#include "recurrence/check/check.h"
#include "recurrence/run/executor.h"

namespace unfold::recurrence {
namespace {

constexpr Index kSymbols = 9;  // V of an embedded input

std::vector<float> floats(const std::vector<double>& values) { return {values.begin(), values.end()}; }
std::vector<double> doubles(std::span<const float> values) { return {values.begin(), values.end()}; }

/// The same point for both executors: floats, and for token inputs the tokens with the vectors they stand for.
struct FloatPoint {
  NaiveArguments<float> naive;
  std::vector<Tensor> dense;
  std::vector<std::vector<std::int32_t>> tokens;
  std::vector<InputValues> inputs;
  std::vector<Tensor> givens;
  CellState initial;
  std::vector<std::unique_ptr<Parameter>> parameters;
  ParameterList list;
  Tensor output_weights;
  CellState final_weights;
};

void add_token_input(FloatPoint& point, std::size_t i, Index rows, Index size, InputValues::Kind kind, Random& random) {
  const bool one_hot = kind == InputValues::Kind::kOneHot;
  const Index symbols = one_hot ? size : kSymbols;
  Tensor table({symbols, size});
  for (Index s = 0; s < symbols; ++s) {
    for (Index j = 0; j < size; ++j)
      table[s * size + j] = one_hot ? static_cast<float>(s == j) : random.uniform() - 0.5F;
  }
  std::vector<float> vectors(at(rows * size), 0.0F);
  for (Index row = 0; row < rows; ++row) {
    const auto token =
        static_cast<std::int32_t>(random.below(static_cast<std::uint64_t>(symbols) + 1)) - 1;  // -1: zeros
    point.tokens[i].push_back(token);
    if (token >= 0) std::copy_n(table.data() + token * size, size, vectors.data() + row * size);
  }
  point.naive.inputs[i] = std::move(vectors);
  point.dense[i] = std::move(table);
}

FloatPoint float_point(const Graph& graph, const CheckPoint& point, InputValues::Kind kind, std::uint64_t seed) {
  FloatPoint result;
  const Index rows = point.unrolling.rows();
  const Index batch = point.unrolling.batch();
  Random random(combine(seed, 77));
  result.naive.keys = point.arguments.keys;
  const std::size_t inputs = graph.inputs.size();
  result.dense.resize(inputs);
  result.tokens.resize(inputs);
  result.inputs.resize(inputs);
  for (std::size_t i = 0; i < inputs; ++i) {
    const Index size = graph.inputs[i].shape.count();
    result.naive.inputs.push_back(floats(point.arguments.inputs[i]));
    result.inputs[i].kind = graph.inputs[i].forces_state >= 0 ? InputValues::Kind::kOneHot
                            : i == 0                          ? kind
                                                              : InputValues::Kind::kDense;
    if (result.inputs[i].kind == InputValues::Kind::kDense)
      result.dense[i] = Tensor({rows, size}, result.naive.inputs[i]);
    else
      add_token_input(result, i, rows, size, result.inputs[i].kind, random);
  }
  for (std::size_t i = 0; i < inputs; ++i) {
    result.inputs[i].values = &result.dense[i];
    result.inputs[i].tokens = result.tokens[i];
  }
  for (std::size_t i = 0; i < graph.givens.size(); ++i) {
    result.naive.givens.push_back(floats(point.arguments.givens[i]));
    result.givens.emplace_back(Shape{batch, graph.givens[i].shape.count()}, result.naive.givens.back());
  }
  for (std::size_t s = 0; s < graph.states.size(); ++s) {
    const Shape shape{batch, graph.states[s].shape.count()};
    result.naive.initial.push_back(floats(point.arguments.initial[s]));
    result.initial.emplace_back(shape, result.naive.initial.back());
    result.final_weights.emplace_back(shape, floats(point.final_weights[s]));
  }
  for (std::size_t p = 0; p < graph.parameters.size(); ++p) {
    const auto& declaration = graph.parameters[p];
    result.naive.parameters.push_back(floats(point.arguments.parameters[p]));
    const Shape shape = declaration.per_tick ? Shape{kStoredTicks, declaration.shape[1]} : declaration.shape;
    result.parameters.push_back(std::make_unique<Parameter>(declaration.name, shape, declaration.trainable));
    std::copy(result.naive.parameters[p].begin(), result.naive.parameters[p].end(),
              result.parameters[p]->edit().data());
    result.list.push_back(result.parameters.back().get());
  }
  result.output_weights = Tensor({rows, graph[graph.output].size()}, floats(point.output_weights));
  return result;
}

}  // namespace

std::vector<Disagreement> check_plan(const Graph& graph, const CheckOptions& options, InputValues::Kind kind,
                                     Precision precision) {
  return compare_plan(graph, draw_check_point(graph, options, 0), kind, precision);
}

std::vector<Disagreement> compare_plan(const Graph& graph, const CheckPoint& check_point, InputValues::Kind kind,
                                       Precision precision) {
  const Unrolling& unrolling = check_point.unrolling;
  FloatPoint point = float_point(graph, check_point, kind, check_point.arguments.keys.seed);
  const GradientGraph gradient = differentiate(graph);
  const auto forward = naive_forward(graph, unrolling, point.naive);
  std::vector<std::vector<float>> final_weights;
  for (const Tensor& weights : point.final_weights)
    final_weights.emplace_back(weights.values().begin(), weights.values().end());
  const std::vector<float> output_weights(point.output_weights.values().begin(), point.output_weights.values().end());
  const auto backward = naive_backward(graph, gradient, unrolling, point.naive, forward, output_weights, final_weights);

  Workload workload;
  workload.input = kind;
  workload.vocabulary = kSymbols;
  workload.precision = precision;
  Executor executor(graph, true, workload);
  ForwardArguments arguments;
  arguments.unrolling = &unrolling;
  arguments.inputs = point.inputs;
  for (const Tensor& given : point.givens) arguments.givens.push_back(&given);
  arguments.mode = Mode::kTraining;
  arguments.keep_for_backward = true;
  arguments.keys = point.naive.keys;
  ForwardResult planned;
  const auto memory = executor.forward(arguments, point.initial, point.list, planned);
  BackwardArguments back;
  back.output_gradient = point.output_weights;
  back.final_gradient = &point.final_weights;
  back.want_initial_gradient = true;
  const BackwardResult gradients = executor.backward(*memory, back, point.list);

  std::vector<Disagreement> result;
  const auto add = [&](const std::string& name, const Tensor& found, const std::vector<float>& expected) {
    result.push_back(disagreement(name, doubles(found.values()), doubles(expected), 1));
  };
  add("output", planned.output, forward.output);
  for (std::size_t s = 0; s < graph.states.size(); ++s) {
    add("final " + graph.states[s].name, planned.final[s], forward.final[s]);
    add("gradient of initial " + graph.states[s].name, gradients.initial[s], backward.initial[s]);
  }
  for (std::size_t p = 0; p < graph.parameters.size(); ++p) {
    if (graph.parameters[p].trainable)
      add("gradient of parameter " + graph.parameters[p].name, point.list[p]->gradient(), backward.parameters[p]);
  }
  for (std::size_t i = 0; i < graph.inputs.size(); ++i) {
    if (point.inputs[i].kind == InputValues::Kind::kDense)
      add("gradient of input " + graph.inputs[i].name, gradients.inputs[i], backward.inputs[i]);
    if (point.inputs[i].kind != InputValues::Kind::kEmbedded) continue;
    const Index size = graph.inputs[i].shape.count();
    std::vector<float> table(at(kSymbols * size), 0.0F);
    for (std::size_t row = 0; row < point.tokens[i].size(); ++row) {
      for (Index j = 0; point.tokens[i][row] >= 0 && j < size; ++j) {
        table[at(point.tokens[i][row] * size + j)] += backward.inputs[i][row * at(size) + at(j)];
      }
    }
    add("gradient of table " + graph.inputs[i].name, gradients.inputs[i], table);
  }
  for (std::size_t i = 0; i < graph.givens.size(); ++i)
    add("gradient of given " + graph.givens[i].name, gradients.givens[i], backward.givens[i]);
  return result;
}

}  // namespace unfold::recurrence
