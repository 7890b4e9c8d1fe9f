// A stack of recurrences of one cell.
#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <optional>

#include "layers/dropout.h"
#include "layers/sequence_input.h"
#include "layers/stack_layer.h"
#include "layers/stack_stream.h"
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

}  // namespace

struct RecurrentStack::Implementation {
  explicit Implementation(const StackOptions& chosen) : options(chosen) {}

  StackOptions options;
  std::vector<StackLayer> layers;
  std::vector<Index> below_sizes;  // of the sequence that each layer reads
  ParameterList parameters;
  std::size_t forced_states = 0;  // of one layer, in training
  bool output_is_target = false;

  /// Of a layer that can be continued: one with a single direction.
  const Recurrence& recurrence(std::size_t layer) const { return layers[layer].directions().front(); }
  std::size_t states() const { return recurrence(0).graph().states.size(); }
  bool skips() const { return options.skip && layers.size() > 1; }
  /// One-hot tokens are no values that an output could be added to, whatever their number.
  bool is_residual(std::size_t layer) const {
    const bool reads_values = layer > 0 || options.workload.input != InputValues::Kind::kOneHot;
    return options.residual && reads_values && below_sizes[layer] == layers[layer].output_size();
  }

  void add_layer(const Cell& cell);
  void expect_some_residual(const Cell& cell) const;
  Variable read(Tape& tape, Variable below, std::optional<Variable> input, std::size_t layer,
                const Unrolling& unrolling, const RecurrentCall& call) const;

  /// "layers.1.h" and its tensor's shape for a batch.
  std::string name(std::size_t layer, std::size_t state) const {
    return fmt::format("{}.{}.{}", options.name, layer, recurrence(layer).graph().states[state].name);
  }
  Shape shape(std::size_t layer, std::size_t state, Index batch) const {
    std::vector<Index> extents = {batch};
    const Shape row = recurrence(layer).state_shapes()[state];
    extents.insert(extents.end(), row.extents().begin(), row.extents().end());
    return Shape(std::move(extents));
  }
};

void RecurrentStack::Implementation::add_layer(const Cell& cell) {
  const std::size_t layer = layers.size();
  const Index below = layer == 0 ? options.input : layers.back().output_size();
  const Index read = layer > 0 && options.skip ? below + options.input : below;
  layers.emplace_back(cell, options, layer, read);
  below_sizes.push_back(below);
  const recurrence::KnownSizes known = {read, options.hidden[layer], options.target};
  output_is_target = output_follows_target(cell, known) && !skips() && !options.bidirectional;
}

void RecurrentStack::Implementation::expect_some_residual(const Cell& cell) const {
  for (std::size_t l = 0; l < layers.size(); ++l) {
    if (is_residual(l)) return;
  }
  throw InputError(fmt::format(
      "residual connections fit no layer of cell '{}': the first reads {} {} and gives {}; choose layers of "
      "equal size, or an embedding of the size of the first layer",
      cell.name(), options.input, options.workload.input == InputValues::Kind::kOneHot ? "one-hot symbols" : "values",
      layers.front().output_size()));
}

RecurrentStack::RecurrentStack(const Cell& cell, const StackOptions& options)
    : implementation_(std::make_unique<Implementation>(options)) {
  if (options.hidden.empty()) throw ContractError("a stack has at least 1 layer; found no sizes of layers");
  Implementation& stack = *implementation_;
  stack.forced_states =
      static_cast<std::size_t>(std::count_if(options.rewrites.begin(), options.rewrites.end(), is_teacher_forcing));
  if (options.bidirectional && stack.forced_states > 0) {
    throw InputError("a bidirectional stack cannot be taught by the label before: it reads what comes after, too");
  }
  while (stack.layers.size() < options.hidden.size()) stack.add_layer(cell);
  if (options.residual) stack.expect_some_residual(cell);
  for (const StackLayer& layer : stack.layers) {
    const ParameterList list = layer.parameters();
    stack.parameters.insert(stack.parameters.end(), list.begin(), list.end());
  }
}

RecurrentStack::~RecurrentStack() = default;
RecurrentStack::RecurrentStack(RecurrentStack&&) noexcept = default;
RecurrentStack& RecurrentStack::operator=(RecurrentStack&&) noexcept = default;

const ParameterList& RecurrentStack::parameters() const { return implementation_->parameters; }
bool RecurrentStack::output_is_target() const { return implementation_->output_is_target; }
std::string RecurrentStack::explain() const { return implementation_->recurrence(0).explain(); }

PlanSeconds RecurrentStack::seconds() const {
  PlanSeconds total;
  for (const StackLayer& layer : implementation_->layers) {
    for (const Recurrence& direction : layer.directions()) total += direction.seconds();
  }
  return total;
}

std::vector<PlanCost> RecurrentStack::costs() const {
  std::vector<PlanCost> list;
  for (const StackLayer& layer : implementation_->layers) {
    for (const Recurrence& direction : layer.directions()) list.push_back(direction.cost());
  }
  return list;
}

Index RecurrentStack::output_size() const {
  const std::vector<StackLayer>& layers = implementation_->layers;
  if (!implementation_->skips()) return layers.back().output_size();
  Index size = 0;
  for (const StackLayer& layer : layers) size += layer.output_size();
  return size;
}

std::vector<Index> RecurrentStack::layers_without_residual() const {
  std::vector<Index> without;
  for (std::size_t l = 0; implementation_->options.residual && l < implementation_->layers.size(); ++l) {
    if (!implementation_->is_residual(l)) without.push_back(static_cast<Index>(l));
  }
  return without;
}

/// What a layer above the first reads: the layer below, some of it dropped, and beside it the input, if that skips.
Variable RecurrentStack::Implementation::read(Tape& tape, Variable below, std::optional<Variable> input,
                                              std::size_t layer, const Unrolling& unrolling,
                                              const RecurrentCall& call) const {
  MaskKeys keys = call.keys;
  keys.layer = layer;
  if (call.mode != Mode::kEvaluation) {
    below = drop(tape, below, options.dropout, unrolling, keys, DropoutSite::kBetweenLayers);
  }
  return input ? concatenate(tape, std::array{below, *input}) : below;
}

RecurrentStack::Result RecurrentStack::forward(Tape& tape, const SequenceInput& input, const Unrolling& unrolling,
                                               const State& initial, Mode mode, const MaskKeys& keys,
                                               std::span<const std::int32_t> teacher) {
  Implementation& stack = *implementation_;
  std::vector<StackLayer>& layers = stack.layers;
  const bool at_start = initial.layers.empty();
  if (stack.options.bidirectional && !at_start) {
    throw ContractError("a bidirectional stack reads whole sequences: it cannot continue from a state");
  }
  if (initial.batch != unrolling.batch() || (!at_start && initial.layers.size() != layers.size())) {
    throw ContractError(fmt::format("the state is of {} sequences and {} layers, the call of {} and {}", initial.batch,
                                    initial.layers.size(), unrolling.batch(), layers.size()));
  }
  std::optional<Variable> dense_input;  // where something but the first layer needs it
  if (stack.skips() || stack.is_residual(0)) dense_input = vectors(tape, input, stack.options.input);
  const std::optional<Variable> skipping = stack.skips() ? dense_input : std::nullopt;

  if (!initial.begins.empty() && static_cast<Index>(initial.begins.size()) != initial.batch) {
    throw ContractError(fmt::format("the state says of {} sequences whether they begin, but it is of {}",
                                    initial.begins.size(), initial.batch));
  }
  Result result{{}, {.batch = initial.batch}};
  std::vector<Variable> outputs;
  for (std::size_t l = 0; l < layers.size(); ++l) {
    RecurrentCall call;
    call.unrolling = &unrolling;
    call.initial = at_start ? nullptr : &initial.layers[l];
    call.begins = at_start ? std::vector<bool>{} : initial.begins;
    call.mode = mode;
    call.keys = keys;
    call.keys.layer = l;
    call.teacher = teacher;
    call.forced_states = mode == Mode::kTraining ? stack.forced_states : 0;
    const SequenceInput reads =
        l == 0 ? input : SequenceInput(stack.read(tape, outputs.back(), skipping, l, unrolling, call));
    RecurrentResult layer = layers[l].forward(tape, reads, call);
    if (!stack.options.bidirectional) result.state.layers.push_back(std::move(layer.final));
    if (stack.is_residual(l)) layer.output = add(tape, layer.output, l == 0 ? *dense_input : outputs.back());
    outputs.push_back(layer.output);
  }
  result.output = stack.skips() ? concatenate(tape, outputs) : outputs.back();
  return result;
}

std::unique_ptr<StackStream> RecurrentStack::stream(const Parameter* table) const {
  using Kind = InputValues::Kind;
  if (implementation_->options.bidirectional) {
    throw ContractError("a bidirectional stack reads whole sequences: it has no single steps");
  }
  const StreamInput tokens = {table != nullptr ? Kind::kEmbedded : Kind::kOneHot, table};
  std::vector<RecurrenceStream> layers;
  StackConnections connections{.skip = implementation_->skips()};
  for (const StackLayer& layer : implementation_->layers) {
    connections.residual.push_back(implementation_->is_residual(layers.size()));
    layers.emplace_back(layer.directions().front(), layers.empty() ? tokens : StreamInput());
  }
  return std::make_unique<StackStream>(std::move(layers), std::move(connections), tokens);
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
    for (std::size_t s = 0; s < implementation_->states(); ++s, ++found_count) {
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
