// Class Recurrence: a cell compiled for given sizes, its parameters, and its plans, made when first needed.
#include "unfold/recurrence.h"

#include <algorithm>
#include <map>

#include "base/random.h"
#include "recurrence/arguments.h"
#include "recurrence/graph/build_graph.h"
#include "recurrence/graph/initialise.h"
#include "recurrence/graph/override_initials.h"
#include "recurrence/plan/cost.h"
#include "recurrence/plan/explain.h"
#include "recurrence/rewrites/rewrites.h"
#include "recurrence/run/executor.h"
#include "recurrence/run/naive.h"
#include "tensor/kernels/choice.h"
#include "unfold/error.h"

namespace unfold {

namespace {

using recurrence::at;

/// What a naive run keeps for backward.
struct NaiveRun {
  recurrence::NaiveArguments<float> arguments;
  recurrence::NaiveForward<float> forward;
};

}  // namespace

struct Execution {
  Mode mode = Mode::kEvaluation;
  Unrolling unrolling;
  std::vector<bool> begins;  // per sequence, whether its first state is the cell's own start
  recurrence::Executor* executor = nullptr;
  std::unique_ptr<recurrence::Memory> memory;
  std::unique_ptr<NaiveRun> naive;
  std::vector<InputValues> inputs;
};

struct Recurrence::Implementation {
  struct Variant {  // of the graph, in one mode
    recurrence::Graph graph;
    std::unique_ptr<recurrence::GradientGraph> gradient;  // for the naive executor, when first needed
  };

  Workload workload;
  Variant training, evaluation, sampling;
  std::vector<std::unique_ptr<Parameter>> owned;
  ParameterList parameters;
  std::map<std::tuple<Mode, bool, InputValues::Kind>, std::unique_ptr<recurrence::Executor>> executors;

  Variant& variant(Mode mode) {
    if (mode == Mode::kSampling) return sampling;
    return mode == Mode::kTraining ? training : evaluation;
  }
  const recurrence::Graph& graph(Mode mode) { return variant(mode).graph; }

  recurrence::Executor& executor(Mode mode, bool with_backward, InputValues::Kind input) {
    auto& executor = executors[{mode, with_backward, input}];
    if (executor == nullptr) {
      Workload here = workload;
      here.input = input;
      if (mode != Mode::kTraining) here.precision = Precision::kFloat32;
      executor = std::make_unique<recurrence::Executor>(graph(mode), with_backward, here);
    }
    return *executor;
  }

  CellState start(Index batch) const;
  CellState first_state(const ForwardArguments& arguments) const;
  void add_to_learned_starts(const CellState& gradient, const std::vector<bool>& begins) const;
  ForwardResult forward_naive(const ForwardArguments& arguments, const CellState& initial, Execution& execution);
  BackwardResult backward_naive(Execution& execution, const BackwardArguments& arguments);
};

Recurrence::Recurrence(const Cell& cell, Sizes sizes, const std::vector<Rewrite>& rewrites, Workload workload,
                       std::uint64_t seed, const std::string& prefix, const Initialisation& initialisation)
    : implementation_(std::make_unique<Implementation>()) {
  Implementation& self = *implementation_;
  self.workload = workload;
  recurrence::Graph plain = recurrence::build_graph(cell.definition(), {sizes.input, sizes.hidden, sizes.target});
  recurrence::override_initials(initialisation, plain);
  self.training.graph = recurrence::apply_rewrites(plain, rewrites, Mode::kTraining);
  self.evaluation.graph = recurrence::apply_rewrites(plain, rewrites, Mode::kEvaluation);
  self.sampling.graph = recurrence::apply_rewrites(plain, rewrites, Mode::kSampling);
  for (std::size_t i = 0; i < plain.parameters.size(); ++i) {
    const auto& declaration = plain.parameters[i];
    self.owned.push_back(
        std::make_unique<Parameter>(prefix + declaration.name, declaration.shape, declaration.trainable));
    self.parameters.push_back(self.owned.back().get());
    recurrence::initialise(declaration, combine(seed, i), self.owned.back()->edit());
  }
}

Recurrence::~Recurrence() = default;
Recurrence::Recurrence(Recurrence&&) noexcept = default;
Recurrence& Recurrence::operator=(Recurrence&&) noexcept = default;

const ParameterList& Recurrence::parameters() const { return implementation_->parameters; }

const recurrence::Graph& Recurrence::graph() const { return implementation_->evaluation.graph; }

Index Recurrence::output_size() const { return graph()[graph().output].size(); }

std::vector<Shape> Recurrence::state_shapes() const {
  std::vector<Shape> shapes;
  for (const auto& state : implementation_->evaluation.graph.states) shapes.push_back(state.shape);
  return shapes;
}

CellState Recurrence::start(Index batch) const { return implementation_->start(batch); }

CellState Recurrence::Implementation::start(Index batch) const {
  CellState result;
  for (const auto& state : evaluation.graph.states) {
    const Index size = state.shape.count();
    Tensor values({batch, size});
    values.fill(static_cast<float>(state.start));
    if (state.start_parameter >= 0) {
      const Tensor& learned = parameters[at(state.start_parameter)]->value();
      for (Index b = 0; b < batch; ++b) std::copy_n(learned.data(), size, values.data() + b * size);
    }
    result.push_back(std::move(values));
  }
  return result;
}

/// What each sequence begins with: the cell's own start, or the row of `initial` that it continues from.
CellState Recurrence::Implementation::first_state(const ForwardArguments& arguments) const {
  if (arguments.initial != nullptr && arguments.begins.empty()) return *arguments.initial;
  CellState result = start(arguments.unrolling->batch());
  if (arguments.initial == nullptr) return result;
  for (std::size_t s = 0; s < result.size(); ++s) {
    const Index size = result[s].shape()[1];
    for (std::size_t b = 0; b < arguments.begins.size(); ++b) {
      if (arguments.begins[b]) continue;
      const Index row = static_cast<Index>(b) * size;
      std::copy_n((*arguments.initial)[s].data() + row, size, result[s].data() + row);
    }
  }
  return result;
}

ForwardResult Recurrence::forward(const ForwardArguments& arguments) {
  Implementation& self = *implementation_;
  recurrence::check_arguments(self.graph(arguments.mode), arguments);
  const CellState initial = self.first_state(arguments);
  auto execution = std::make_shared<Execution>();
  execution->mode = arguments.mode;
  execution->unrolling = *arguments.unrolling;
  execution->begins = arguments.begins;
  if (arguments.initial == nullptr) execution->begins.assign(at(arguments.unrolling->batch()), true);
  execution->inputs = arguments.inputs;
  ForwardResult result;
  if (kernels::naive_kernels()) {
    result = self.forward_naive(arguments, initial, *execution);
  } else {
    const InputValues::Kind kind = arguments.inputs.empty() ? InputValues::Kind::kDense : arguments.inputs[0].kind;
    execution->executor = &self.executor(arguments.mode, arguments.keep_for_backward, kind);
    for (auto& [key, other] : self.executors) {
      if (other.get() != execution->executor) other->release_weights();
    }
    execution->memory = execution->executor->forward(arguments, initial, self.parameters, result);
    if (arguments.mode == Mode::kTraining)
      recurrence::average_statistics(execution->executor->observed(*execution->memory), self.parameters);
  }
  if (arguments.keep_for_backward) result.execution = std::move(execution);
  return result;
}

BackwardResult Recurrence::backward(std::shared_ptr<Execution> execution, BackwardArguments arguments) {
  if (execution == nullptr) throw ContractError("Recurrence::backward: the forward run was not kept for backward");
  Implementation& self = *implementation_;
  const bool learned = std::ranges::any_of(self.graph(execution->mode).states,
                                           [](const auto& state) { return state.start_parameter >= 0; });
  const bool wanted = arguments.want_initial_gradient;
  arguments.want_initial_gradient = wanted || learned;
  BackwardResult result = execution->executor != nullptr
                              ? execution->executor->backward(*execution->memory, std::move(arguments), self.parameters)
                              : self.backward_naive(*execution, arguments);
  if (learned) self.add_to_learned_starts(result.initial, execution->begins);
  if (!wanted) result.initial.clear();
  return result;
}

void Recurrence::Implementation::add_to_learned_starts(const CellState& gradient,
                                                       const std::vector<bool>& begins) const {
  for (std::size_t s = 0; s < gradient.size(); ++s) {
    const Index start = evaluation.graph.states[s].start_parameter;
    if (start < 0) continue;
    Tensor& sum = parameters[at(start)]->gradient();
    const Index size = sum.count();
    for (std::size_t b = 0; b < begins.size(); ++b) {
      const float* row = gradient[s].data() + static_cast<Index>(b) * size;
      for (Index i = 0; begins[b] && i < size; ++i) sum[i] += row[i];
    }
  }
}

// --- the naive executor behind the same interface ---

namespace {

std::vector<float> values_of(const Tensor& tensor) { return {tensor.values().begin(), tensor.values().end()}; }

/// An input's rows as vectors [N, size].
std::vector<float> dense_rows(const InputValues& input, Index size) {
  if (input.kind == InputValues::Kind::kDense) return values_of(*input.values);
  std::vector<float> rows(input.tokens.size() * at(size), 0.0F);
  for (std::size_t row = 0; row < input.tokens.size(); ++row) {
    const std::int32_t token = input.tokens[row];
    if (token < 0) continue;
    if (input.kind == InputValues::Kind::kOneHot)
      rows[row * at(size) + at(token)] = 1.0F;
    else
      std::copy_n(input.values->data() + token * size, size, rows.data() + row * at(size));
  }
  return rows;
}

Tensor tensor_of(const std::vector<float>& values, Shape shape) { return Tensor(std::move(shape), values); }

}  // namespace

ForwardResult Recurrence::Implementation::forward_naive(const ForwardArguments& arguments, const CellState& initial,
                                                        Execution& execution) {
  const recurrence::Graph& here = graph(arguments.mode);
  auto run = std::make_unique<NaiveRun>();
  for (std::size_t i = 0; i < here.inputs.size(); ++i) {
    run->arguments.inputs.push_back(dense_rows(arguments.inputs[i], here.inputs[i].shape.count()));
  }
  for (const Tensor* given : arguments.givens) run->arguments.givens.push_back(values_of(*given));
  for (const Tensor& state : initial) run->arguments.initial.push_back(values_of(state));
  for (const Parameter* parameter : parameters) run->arguments.parameters.push_back(values_of(parameter->value()));
  run->arguments.keys = arguments.keys;
  run->forward = recurrence::naive_forward(here, *arguments.unrolling, run->arguments);
  ForwardResult result;
  result.output = tensor_of(run->forward.output, {arguments.unrolling->rows(), here[here.output].size()});
  for (std::size_t s = 0; s < here.states.size(); ++s) {
    result.final.push_back(
        tensor_of(run->forward.final[s], {arguments.unrolling->batch(), here.states[s].shape.count()}));
  }
  if (arguments.mode == Mode::kTraining) {
    recurrence::average_statistics(recurrence::observed_statistics(here, *arguments.unrolling, run->forward),
                                   parameters);
  }
  execution.naive = std::move(run);
  return result;
}

BackwardResult Recurrence::Implementation::backward_naive(Execution& execution, const BackwardArguments& arguments) {
  Variant& here_and_back = variant(execution.mode);
  const recurrence::Graph& here = here_and_back.graph;
  if (here_and_back.gradient == nullptr)
    here_and_back.gradient = std::make_unique<recurrence::GradientGraph>(recurrence::differentiate(here));
  std::vector<float> output_gradient;
  if (arguments.output_gradient.count() > 0) output_gradient = values_of(arguments.output_gradient);
  std::vector<std::vector<float>> final_gradient;
  if (arguments.final_gradient != nullptr) {
    for (const Tensor& state : *arguments.final_gradient) final_gradient.push_back(values_of(state));
  }
  const auto gradients =
      recurrence::naive_backward(here, *here_and_back.gradient, execution.unrolling, execution.naive->arguments,
                                 execution.naive->forward, output_gradient, final_gradient);
  for (std::size_t p = 0; p < parameters.size(); ++p) {
    if (!parameters[p]->trainable()) continue;
    Tensor& gradient = parameters[p]->gradient();
    for (Index i = 0; i < gradient.count(); ++i) gradient[i] += gradients.parameters[p][at(i)];
  }
  BackwardResult result;
  for (std::size_t i = 0; i < here.inputs.size(); ++i) {
    const InputValues& input = execution.inputs[i];
    const Index size = here.inputs[i].shape.count();
    const std::vector<float>& rows = gradients.inputs[i];
    if (!arguments.want_input_gradient || here.inputs[i].forces_state >= 0 ||
        input.kind == InputValues::Kind::kOneHot) {
      result.inputs.emplace_back();
    } else if (input.kind == InputValues::Kind::kDense) {
      result.inputs.push_back(tensor_of(rows, input.values->shape()));
    } else {
      Tensor table(input.values->shape());
      for (std::size_t row = 0; row < input.tokens.size(); ++row) {
        for (Index j = 0; input.tokens[row] >= 0 && j < size; ++j)
          table[input.tokens[row] * size + j] += rows[row * at(size) + at(j)];
      }
      result.inputs.push_back(std::move(table));
    }
  }
  const Index batch = execution.unrolling.batch();
  for (std::size_t i = 0; i < here.givens.size(); ++i)
    result.givens.push_back(tensor_of(gradients.givens[i], {batch, here.givens[i].shape.count()}));
  if (arguments.want_initial_gradient) {
    for (std::size_t s = 0; s < here.states.size(); ++s)
      result.initial.push_back(tensor_of(gradients.initial[s], {batch, here.states[s].shape.count()}));
  }
  return result;
}

std::string Recurrence::explain() const {
  return recurrence::explain(implementation_->executor(Mode::kTraining, true, implementation_->workload.input).plan());
}

PlanSeconds Recurrence::seconds() const {
  PlanSeconds total;
  for (const auto& [key, executor] : implementation_->executors) total += executor->seconds();
  return total;
}

PlanCost Recurrence::cost() const {
  Implementation& self = *implementation_;
  return recurrence::cost_of(self.executor(Mode::kTraining, true, self.workload.input).plan(), self.evaluation.graph);
}

}  // namespace unfold
