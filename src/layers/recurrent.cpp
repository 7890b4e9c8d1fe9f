#include "layers/recurrent.h"

#include <array>
#include <memory>
#include <optional>
#include <vector>

namespace unfold {

namespace {

using Kind = InputValues::Kind;
using Tokens = std::vector<std::int32_t>;

/// What the recurrence reads, and the variable that its input's gradient goes to, if there is one.
struct BoundInput {
  InputValues values;
  std::optional<Variable> source;
};

BoundInput bind(Tape& tape, const SequenceInput& input) {
  if (const auto* dense = std::get_if<Variable>(&input)) {
    return {{.kind = Kind::kDense, .values = &tape.value(*dense), .tokens = {}}, *dense};
  }
  if (const auto* embedded = std::get_if<EmbeddedTokens>(&input)) {
    const Variable table = tape.parameter(*embedded->table);
    return {{.kind = Kind::kEmbedded, .values = &tape.value(table), .tokens = embedded->tokens}, table};
  }
  return {{.kind = Kind::kOneHot, .values = nullptr, .tokens = std::get<OneHotTokens>(input).tokens}, std::nullopt};
}

/// Backward reads the tokens again; the caller's may be gone by then.
std::shared_ptr<const Tokens> keep(std::span<const std::int32_t>& tokens) {
  auto kept = std::make_shared<const Tokens>(tokens.begin(), tokens.end());
  tokens = *kept;
  return kept;
}

/// The variables that decide whether backward runs: the input and every parameter.
std::vector<Variable> operands_of(Tape& tape, Recurrence& recurrence, const BoundInput& bound) {
  std::vector<Variable> operands;
  if (bound.source) operands.push_back(*bound.source);
  for (Parameter* parameter : recurrence.parameters()) operands.push_back(tape.parameter(*parameter));
  return operands;
}

}  // namespace

RecurrentResult recurrent(Tape& tape, Recurrence& recurrence, const SequenceInput& input, const RecurrentCall& call) {
  BoundInput bound = bind(tape, input);
  InputValues forced = {.kind = Kind::kOneHot, .values = nullptr, .tokens = call.teacher};
  const std::vector<Variable> operands = operands_of(tape, recurrence, bound);
  const std::array kept_tokens = {keep(bound.values.tokens), keep(forced.tokens)};

  ForwardArguments arguments;
  arguments.unrolling = call.unrolling;
  arguments.inputs = {bound.values};
  arguments.inputs.insert(arguments.inputs.end(), call.forced_states, forced);
  arguments.initial = call.initial;
  arguments.begins = call.begins;
  arguments.mode = call.mode;
  arguments.keys = call.keys;
  arguments.keep_for_backward = tape.would_record(operands);
  ForwardResult result = recurrence.forward(arguments);

  auto backward = [&recurrence, kept_tokens, source = bound.source, execution = std::move(result.execution)](
                      Tape& back, const Tensor& dy) {
    // Backpropagation through time; the gradient of the final states is zero. It adds to the parameters itself.
    BackwardArguments wanted;
    wanted.output_gradient = &dy;
    wanted.want_input_gradient = source && back.needs_gradient(*source);
    BackwardResult gradients = recurrence.backward(execution, wanted);
    if (wanted.want_input_gradient) back.add_gradient(*source, std::move(gradients.inputs[0]));
  };
  const Variable output = tape.record(std::move(result.output), operands, std::move(backward));
  return {output, std::move(result.final)};
}

}  // namespace unfold
