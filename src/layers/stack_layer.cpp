#include "layers/stack_layer.h"

#include <fmt/core.h>

#include <array>

#include "base/random.h"
#include "recurrence/graph/build_graph.h"
#include "unfold/error.h"

namespace unfold {
namespace {

// The backward recurrence starts with, and is masked by, random numbers of its own.
constexpr std::uint64_t kBackwardKey = 1;
std::uint64_t backward_layer(std::uint64_t layer) { return ~layer; }

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
      if (rewrite.kind != Rewrite::Kind::kTeacherForcing || state.name != rewrite.state) continue;
      if (state.shape == Shape{options.target}) continue;
      throw InputError(fmt::format(
          "teacher forcing of state '{0}' of cell '{1}': it has shape {2}, but the label that would replace "
          "it has size {3}; declare it 'state {0}[target]' to feed the label back",
          state.name, cell.name(), state.shape.text(), options.target));
    }
  }
}

/// Row n of the result is row rows[n] of the input.
SequenceInput reordered(Tape& tape, const SequenceInput& input, std::span<const Index> rows,
                        std::vector<std::int32_t>& tokens) {
  if (const auto* dense = std::get_if<Variable>(&input)) return select_rows(tape, *dense, rows);
  const auto* embedded = std::get_if<EmbeddedTokens>(&input);
  const std::span<const std::int32_t> from =
      embedded != nullptr ? embedded->tokens : std::get<OneHotTokens>(input).tokens;
  for (const Index row : rows) tokens.push_back(from[static_cast<std::size_t>(row)]);
  if (embedded != nullptr) return EmbeddedTokens{tokens, embedded->table};
  return OneHotTokens{tokens};
}

}  // namespace

StackLayer::StackLayer(const Cell& cell, const StackOptions& options, std::size_t layer, Index input) {
  const Sizes sizes{input, options.hidden[layer], options.target};
  const recurrence::Graph graph = recurrence::build_graph(cell.definition(), {sizes.input, sizes.hidden, sizes.target});
  expect_plain_sequence_cell(cell, graph);
  expect_forced_states_of_target_size(cell, graph, options);
  Workload workload = options.workload;
  if (layer > 0) {
    workload.input = InputValues::Kind::kDense;
    workload.vocabulary = 0;
  }
  const std::uint64_t seed = combine(options.seed, layer);
  const auto add = [&](const char* direction, std::uint64_t key) {
    directions_.emplace_back(cell, sizes, options.rewrites, workload, key,
                             fmt::format("{}.{}.{}", options.name, layer, direction), options.initialisation);
  };
  add(options.bidirectional ? "forward." : "", seed);
  if (options.bidirectional) add("backward.", combine(seed, kBackwardKey));
}

Index StackLayer::output_size() const {
  return directions_.front().output_size() * static_cast<Index>(directions_.size());
}

ParameterList StackLayer::parameters() const {
  ParameterList all;
  for (const Recurrence& direction : directions_) {
    const ParameterList& list = direction.parameters();
    all.insert(all.end(), list.begin(), list.end());
  }
  return all;
}

RecurrentResult StackLayer::forward(Tape& tape, const SequenceInput& input, const RecurrentCall& call) {
  const Unfolding forward{&directions_.front(), input, call};
  if (directions_.size() == 1) return recurrent(tape, std::array{forward}).front();
  const std::vector<Index> reversal = call.unrolling->reversal();
  std::vector<std::int32_t> tokens;
  Unfolding backward{&directions_.back(), reordered(tape, input, reversal, tokens), call};
  backward.call.keys.layer = backward_layer(call.keys.layer);
  const std::vector<RecurrentResult> both = recurrent(tape, std::array{forward, std::move(backward)});
  return {concatenate(tape, std::array{both[0].output, select_rows(tape, both[1].output, reversal)}), {}};
}

}  // namespace unfold
