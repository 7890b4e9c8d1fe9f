// A stack of recurrences of one cell.
#include <fmt/core.h>

#include <algorithm>

#include "base/random.h"
#include "layers/recurrent.h"
#include "recurrence/graph/build_graph.h"
#include "unfold/error.h"

namespace unfold {

namespace {

bool is_teacher_forcing(const Rewrite& rewrite) { return rewrite.kind == Rewrite::Kind::kTeacherForcing; }

Index output_size(const Cell& cell, const recurrence::KnownSizes& sizes) {
  const recurrence::Graph graph = recurrence::build_graph(cell.definition(), sizes);
  return graph[graph.output].size();
}

/// True if the output grows with the label.
bool output_follows_target(const Cell& cell, recurrence::KnownSizes sizes) {
  if (sizes.target == 0 || output_size(cell, sizes) != sizes.target) return false;
  ++sizes.target;
  try {
    return output_size(cell, sizes) == sizes.target;
  } catch (const InputError&) {
    return true;  // the size is written as a number in the cell
  }
}

void expect_plain_sequence_cell(const Cell& cell, const recurrence::Graph& graph) {
  if (graph.inputs.size() != 1 || !graph.givens.empty()) {
    throw InputError(
        fmt::format("cell '{}' has {} inputs and {} givens; a layer of a stack has one input and no givens",
                    cell.name(), graph.inputs.size(), graph.givens.size()));
  }
}

/// A teacher is a token: a one-hot vector of the label's size.
void expect_forced_states_of_target_size(const Cell& cell, const recurrence::Graph& graph,
                                         const StackOptions& options) {
  for (const Rewrite& rewrite : options.rewrites) {
    for (const recurrence::StateDeclaration& state : graph.states) {
      if (!is_teacher_forcing(rewrite) || state.name != rewrite.state || state.shape == Shape{options.target}) continue;
      throw InputError(fmt::format(
          "teacher forcing of state '{0}' of cell '{1}': it has shape {2}, but the label that would replace "
          "it has size {3}; declare it 'state {0}[target]' to feed the label back",
          state.name, cell.name(), state.shape.text(), options.target));
    }
  }
}

}  // namespace

struct RecurrentStack::Implementation {
  std::vector<Recurrence> layers;
  std::vector<std::string> state_names;  // of one layer
  ParameterList parameters;
  std::size_t forced_states = 0;  // of one layer, in training
  bool output_is_target = false;

  /// "layers.1.h" and its tensor's shape for a batch.
  std::string name(std::size_t layer, std::size_t state) const {
    return fmt::format("layers.{}.{}", layer, state_names[state]);
  }
  Shape shape(std::size_t layer, std::size_t state, Index batch) const {
    std::vector<Index> extents = {batch};
    const Shape row = layers[layer].state_shapes()[state];
    extents.insert(extents.end(), row.extents().begin(), row.extents().end());
    return Shape(std::move(extents));
  }
};

RecurrentStack::RecurrentStack(const Cell& cell, const StackOptions& options)
    : implementation_(std::make_unique<Implementation>()) {
  if (options.layers < 1) throw ContractError(fmt::format("a stack has at least 1 layer, not {}", options.layers));
  Implementation& stack = *implementation_;
  stack.forced_states =
      static_cast<std::size_t>(std::count_if(options.rewrites.begin(), options.rewrites.end(), is_teacher_forcing));
  Workload workload = options.workload;
  Index input = options.input;
  for (Index layer = 0; layer < options.layers; ++layer) {
    const recurrence::KnownSizes known = {input, options.hidden, options.target};
    const recurrence::Graph graph = recurrence::build_graph(cell.definition(), known);
    expect_plain_sequence_cell(cell, graph);
    expect_forced_states_of_target_size(cell, graph, options);
    stack.state_names.clear();
    for (const recurrence::StateDeclaration& state : graph.states) stack.state_names.push_back(state.name);
    stack.layers.emplace_back(cell, Sizes{input, options.hidden, options.target}, options.rewrites, workload,
                              combine(options.seed, static_cast<std::uint64_t>(layer)),
                              fmt::format("layers.{}.", layer));
    stack.output_is_target = output_follows_target(cell, known);
    input = stack.layers.back().output_size();
    workload.input = InputValues::Kind::kDense;
    workload.vocabulary = 0;
  }
  for (const Recurrence& layer : stack.layers) {
    const ParameterList& list = layer.parameters();
    stack.parameters.insert(stack.parameters.end(), list.begin(), list.end());
  }
}

RecurrentStack::~RecurrentStack() = default;
RecurrentStack::RecurrentStack(RecurrentStack&&) noexcept = default;
RecurrentStack& RecurrentStack::operator=(RecurrentStack&&) noexcept = default;

const ParameterList& RecurrentStack::parameters() const { return implementation_->parameters; }
Index RecurrentStack::output_size() const { return implementation_->layers.back().output_size(); }
bool RecurrentStack::output_is_target() const { return implementation_->output_is_target; }
std::string RecurrentStack::explain() const { return implementation_->layers.front().explain(); }

RecurrentStack::Result RecurrentStack::forward(Tape& tape, const SequenceInput& input, const Unrolling& unrolling,
                                               const State& initial, Mode mode, const MaskKeys& keys,
                                               std::span<const std::int32_t> teacher) {
  std::vector<Recurrence>& layers = implementation_->layers;
  const bool at_start = initial.layers.empty();
  if (initial.batch != unrolling.batch() || (!at_start && initial.layers.size() != layers.size())) {
    throw ContractError(fmt::format("the state is of {} sequences and {} layers, the call of {} and {}", initial.batch,
                                    initial.layers.size(), unrolling.batch(), layers.size()));
  }
  Result result{{}, {.batch = initial.batch}};
  SequenceInput below = input;
  for (std::size_t l = 0; l < layers.size(); ++l) {
    RecurrentCall call;
    call.unrolling = &unrolling;
    call.initial = at_start ? nullptr : &initial.layers[l];
    call.mode = mode;
    call.keys = keys;
    call.keys.layer = l;
    call.teacher = teacher;
    call.forced_states = mode == Mode::kTraining ? implementation_->forced_states : 0;
    RecurrentResult layer = recurrent(tape, layers[l], below, call);
    result.output = layer.output;
    result.state.layers.push_back(std::move(layer.final));
    below = result.output;
  }
  return result;
}

std::map<std::string, Tensor> RecurrentStack::save_state(const State& state) const {
  std::map<std::string, Tensor> tensors;
  for (std::size_t l = 0; l < state.layers.size(); ++l) {
    for (std::size_t s = 0; s < state.layers[l].size(); ++s) {
      tensors.emplace(implementation_->name(l, s), state.layers[l][s]);
    }
  }
  return tensors;
}

State RecurrentStack::restore_state(const std::map<std::string, Tensor>& tensors, Index batch) const {
  State state{.batch = batch};
  if (tensors.empty()) return state;
  std::size_t found_count = 0;
  for (std::size_t l = 0; l < implementation_->layers.size(); ++l) {
    CellState& cell = state.layers.emplace_back();
    for (std::size_t s = 0; s < implementation_->state_names.size(); ++s, ++found_count) {
      const std::string name = implementation_->name(l, s);
      const Shape shape = implementation_->shape(l, s, batch);
      const auto found = tensors.find(name);
      if (found == tensors.end())
        throw InputError(fmt::format("state '{}' is missing; expected {}", name, shape.text()));
      if (found->second.shape() != shape) {
        throw InputError(
            fmt::format("state '{}' has shape {}; expected {}", name, found->second.shape().text(), shape.text()));
      }
      cell.push_back(found->second);
    }
  }
  if (found_count != tensors.size()) {
    throw InputError(fmt::format("found {} states; this model has {}", tensors.size(), found_count));
  }
  return state;
}

}  // namespace unfold
