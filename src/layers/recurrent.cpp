#include "layers/recurrent.h"

#include <array>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "base/threads.h"

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

/// What backward needs of a forward run.
struct Run {
  Recurrence* recurrence = nullptr;
  std::optional<Variable> source;
  std::array<std::shared_ptr<const Tokens>, 2> kept_tokens;
  std::shared_ptr<Execution> execution;
};

struct Prepared {
  ForwardArguments arguments;
  Run run;
};

Prepared prepare(Tape& tape, const Unfolding& unfolding) {
  const RecurrentCall& call = unfolding.call;
  BoundInput bound = bind(tape, unfolding.input);
  InputValues forced = {.kind = Kind::kOneHot, .values = nullptr, .tokens = call.teacher};
  Prepared prepared;
  prepared.run = {.recurrence = unfolding.recurrence,
                  .source = bound.source,
                  .kept_tokens = {keep(bound.values.tokens), keep(forced.tokens)},
                  .execution = nullptr};
  ForwardArguments& arguments = prepared.arguments;
  arguments.unrolling = call.unrolling;
  arguments.inputs = {bound.values};
  arguments.inputs.insert(arguments.inputs.end(), call.forced_states, forced);
  arguments.initial = call.initial;
  arguments.begins = call.begins;
  arguments.mode = call.mode;
  arguments.keys = call.keys;
  return prepared;
}

/// The variables that decide whether backward runs: the inputs and every parameter.
std::vector<Variable> operands_of(Tape& tape, std::span<const Prepared> all) {
  std::vector<Variable> operands;
  for (const Prepared& prepared : all) {
    if (prepared.run.source) operands.push_back(*prepared.run.source);
    for (Parameter* parameter : prepared.run.recurrence->parameters()) operands.push_back(tape.parameter(*parameter));
  }
  return operands;
}

/// Calls task(0) ... task(count - 1). A thread that has one to itself keeps all rows of its batch together: products
/// are faster for more rows, and no thread waits for one whose sequences are longer.
template <class Task>
void run_each(std::size_t count, const Task& task) {
  const auto numbered = [&](Index i) { task(static_cast<std::size_t>(i)); };
  if (threads_here() <= static_cast<int>(count)) return parallel(static_cast<Index>(count), numbered);
  for (std::size_t i = 0; i < count; ++i) task(i);
}

/// Backpropagation through time; the gradients of the final states are zero. It adds to the parameters itself.
void run_back(Tape& back, std::span<const Run> runs, std::span<std::optional<Tensor>> dys) {
  std::vector<BackwardResult> gradients(runs.size());
  const auto wants_input = [&](const Run& run) { return run.source && back.needs_gradient(*run.source); };
  run_each(runs.size(), [&](std::size_t i) {
    if (!dys[i]) return;
    BackwardArguments wanted;
    wanted.output_gradient = std::move(*dys[i]);
    wanted.want_input_gradient = wants_input(runs[i]);
    gradients[i] = runs[i].recurrence->backward(runs[i].execution, std::move(wanted));
  });
  for (std::size_t i = 0; i < runs.size(); ++i) {
    if (dys[i] && wants_input(runs[i])) back.add_gradient(*runs[i].source, std::move(gradients[i].inputs[0]));
    dys[i].reset();
  }
}

}  // namespace

std::vector<RecurrentResult> recurrent(Tape& tape, std::span<const Unfolding> unfoldings) {
  std::vector<Prepared> all;
  for (const Unfolding& unfolding : unfoldings) all.push_back(prepare(tape, unfolding));
  const std::vector<Variable> operands = operands_of(tape, all);
  const bool keep_for_backward = tape.would_record(operands);
  std::vector<ForwardResult> forward(all.size());
  run_each(all.size(), [&](std::size_t i) {
    all[i].arguments.keep_for_backward = keep_for_backward;
    all[i].arguments.share_output = true;  // values on a tape are not written
    forward[i] = all[i].run.recurrence->forward(all[i].arguments);
  });
  std::vector<Tensor> outputs;
  std::vector<Run> runs;
  for (std::size_t i = 0; i < all.size(); ++i) {
    outputs.push_back(std::move(forward[i].output));
    runs.push_back(std::move(all[i].run));
    runs.back().execution = std::move(forward[i].execution);
  }
  const std::vector<Variable> variables = tape.record(
      std::move(outputs), operands,
      [runs = std::move(runs)](Tape& back, std::span<std::optional<Tensor>> dys) { run_back(back, runs, dys); });
  std::vector<RecurrentResult> results;
  for (std::size_t i = 0; i < variables.size(); ++i) results.push_back({variables[i], std::move(forward[i].final)});
  return results;
}

}  // namespace unfold
