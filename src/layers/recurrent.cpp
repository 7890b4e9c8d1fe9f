#include "layers/recurrent.h"

namespace unfold {

namespace {

/// What the recurrence reads, and the variable that its input's gradient goes to, if there is one.
struct BoundInput {
  InputValues values;
  std::optional<Variable> source;
};

BoundInput bind(Tape& tape, const SequenceInput& input) {
  using Kind = InputValues::Kind;
  if (const auto* dense = std::get_if<Variable>(&input)) {
    return {{.kind = Kind::kDense, .values = &tape.value(*dense), .tokens = {}}, *dense};
  }
  if (const auto* embedded = std::get_if<EmbeddedTokens>(&input)) {
    const Variable table = tape.parameter(*embedded->table);
    return {{.kind = Kind::kEmbedded, .values = &tape.value(table), .tokens = embedded->tokens}, table};
  }
  return {{.kind = Kind::kOneHot, .values = nullptr, .tokens = std::get<OneHotTokens>(input).tokens}, std::nullopt};
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
  const BoundInput bound = bind(tape, input);
  const std::vector<Variable> operands = operands_of(tape, recurrence, bound);

  ForwardArguments arguments;
  arguments.unrolling = call.unrolling;
  arguments.inputs = {bound.values};
  const InputValues forced = {.kind = InputValues::Kind::kOneHot, .values = nullptr, .tokens = call.teacher};
  arguments.inputs.insert(arguments.inputs.end(), call.forced_states, forced);
  arguments.initial = call.initial;
  arguments.mode = call.mode;
  arguments.keys = call.keys;
  arguments.keep_for_backward = tape.would_record(operands);
  ForwardResult result = recurrence.forward(arguments);

  const Variable output = tape.record(
      std::move(result.output), operands,
      [&recurrence, source = bound.source, execution = std::move(result.execution)](Tape& back, const Tensor& dy) {
        // Backpropagation through time, the gradient of the final states being zero. It adds to the parameters itself.
        BackwardArguments backward;
        backward.output_gradient = &dy;
        backward.want_input_gradient = source && back.needs_gradient(*source);
        BackwardResult gradients = recurrence.backward(execution, backward);
        if (backward.want_input_gradient) back.add_gradient(*source, std::move(gradients.inputs[0]));
      });
  return {output, std::move(result.final)};
}

}  // namespace unfold
