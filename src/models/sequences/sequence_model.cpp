#include "unfold/sequence_model.h"

#include <fmt/core.h>

#include <algorithm>

#include "base/random.h"
#include "layers/dropout.h"
#include "layers/vectors/vector_output.h"
#include "models/network_options.h"
#include "tensor/row.h"
#include "unfold/error.h"
#include "unfold/sequence_batches.h"

namespace unfold {
namespace {

// Keys of the initial values and of the masks, by part of the model.
constexpr std::uint64_t kLayersKey = 1;
constexpr std::uint64_t kOutputKey = 2;
constexpr std::uint64_t kMaskKey = 3;

// Steps that are predicted at once: enough to keep the matrix products busy, few enough to stay in the cache.
constexpr Index kStepsAtOnce = 2048;

bool forces_teacher(const SequenceModelOptions& options) {
  return std::ranges::any_of(options.rewrites,
                             [](const Rewrite& rewrite) { return rewrite.kind == Rewrite::Kind::kTeacherForcing; });
}

SequenceModelOptions checked(SequenceModelOptions options, const VectorCoding& coding) {
  if (options.hidden.empty() || std::ranges::min(options.hidden) < 1) {
    throw ContractError("a model of sequences needs layers of at least 1 unit");
  }
  expect_sound(options.dropout, options.label_smoothing, options.hidden.size(), options.skip);
  if (options.dropout.words > 0) {
    throw UsageError("dropout of words (--embedding-dropout) is for texts; these sequences are of numbers");
  }
  const bool symbols = coding.target == VectorTarget::kCategorical;
  if (!symbols && options.label_smoothing > 0) {
    throw UsageError("label smoothing spreads the probability of a symbol (--target categorical)");
  }
  if (options.bidirectional && coding.predicts_next()) {
    throw UsageError(
        "the next step is predicted, and a recurrence that reads from the end (--bidirectional) has read it already; "
        "it is for numbers that are predicted from others of the same step (--targets)");
  }
  if (forces_teacher(options) && !(symbols && coding.predicts_next())) {
    throw UsageError(
        "teacher forcing feeds the symbol that came before; it is for --target categorical without --targets");
  }
  return options;
}

StackOptions stack_options(const SequenceModelOptions& options, const VectorCoding& coding) {
  StackOptions stack = stack_of(options, combine(options.seed, kLayersKey));
  stack.input = coding.inputs();
  stack.target = coding.outputs();
  stack.bidirectional = options.bidirectional;
  return stack;
}

std::unique_ptr<VectorOutput> make_output(const SequenceModelOptions& options, const VectorCoding& coding) {
  switch (coding.target) {
    case VectorTarget::kSquared: return make_squared_output(coding.outputs());
    case VectorTarget::kBernoulli: return make_bernoulli_output(coding.outputs());
    case VectorTarget::kCategorical: break;
  }
  return make_categorical_output(coding.outputs(), options.label_smoothing);
}

/// The place of the 1 in each row of one-hot vectors [N, K].
std::vector<std::int32_t> symbols_of(const Tensor& inputs) {
  std::vector<std::int32_t> symbols;
  for (Index row = 0; row < inputs.shape()[0]; ++row) {
    const std::span<const float> values = row_of(inputs, row);
    symbols.push_back(static_cast<std::int32_t>(std::ranges::max_element(values) - values.begin()));
  }
  return symbols;
}

}  // namespace

struct SequenceModel::Implementation {
  Implementation(SequenceModelOptions chosen, VectorCoding made)
      : options(checked(std::move(chosen), made)),
        coding(std::move(made)),
        stack(options.cell, stack_options(options, coding)),
        output(make_output(options, coding)),
        parameters(stack.parameters()) {
    if (stack.output_is_target()) return;
    linear.emplace(stack.output_size(), coding.outputs(), combine(options.seed, kOutputKey), "output");
    parameters.insert(parameters.end(), linear->parameters().begin(), linear->parameters().end());
  }

  /// What the network writes [N, O]; `state` moves on.
  Variable run(Tape& tape, const Tensor& inputs, const Unrolling& unrolling, State& state, Mode mode,
               const MaskKeys& keys) {
    const bool drops = mode != Mode::kEvaluation;
    std::vector<std::int32_t> teacher;  // the label of the step before is this step's input
    if (drops && forces_teacher(options)) teacher = symbols_of(inputs);
    Variable x = tape.constant(inputs);
    if (drops) x = drop(tape, x, options.dropout.input, unrolling, keys, DropoutSite::kInput);
    RecurrentStack::Result result = stack.forward(tape, x, unrolling, state, mode, keys, teacher);
    state = std::move(result.state);
    Variable y = result.output;
    if (drops) y = drop(tape, y, options.dropout.output, unrolling, keys, DropoutSite::kOutput);
    return linear ? linear->forward(tape, y) : y;
  }

  std::vector<Tensor> outputs_together(const std::vector<const Sequence*>& sequences);

  SequenceModelOptions options;
  VectorCoding coding;
  RecurrentStack stack;
  std::optional<Linear> linear;  // none where the cell's output is what is predicted
  std::unique_ptr<VectorOutput> output;
  ParameterList parameters;
};

/// What the network writes [T, O] at the steps of each sequence.
std::vector<Tensor> SequenceModel::Implementation::outputs_together(const std::vector<const Sequence*>& sequences) {
  std::vector<Index> lengths;
  for (const Sequence* sequence : sequences) lengths.push_back(sequence->values.shape()[0]);
  std::vector<Tensor> outputs;
  for (const Index length : lengths) outputs.emplace_back(Shape{length, coding.outputs()});
  const Unrolling unrolling = Unrolling::ragged(lengths);
  if (unrolling.rows() == 0) return outputs;  // sequences without steps
  const auto for_steps = [&](const auto& use) {
    for (std::size_t s = 0; s < sequences.size(); ++s) {
      for (Index t = 0; t < lengths[s]; ++t) use(s, t, unrolling.row(static_cast<Index>(s), t));
    }
  };
  Tensor inputs({unrolling.rows(), coding.inputs()});
  for_steps(
      [&](std::size_t s, Index t, Index row) { coding.read(row_of(sequences[s]->values, t), row_of(inputs, row)); });
  Tape tape(Tape::Recording::kOff);
  State begin{.batch = unrolling.batch()};
  const Tensor& y = tape.value(run(tape, inputs, unrolling, begin, Mode::kEvaluation, {}));
  for_steps(
      [&](std::size_t s, Index t, Index row) { std::ranges::copy(row_of(y, row), row_of(outputs[s], t).begin()); });
  return outputs;
}

SequenceModel::SequenceModel(SequenceModelOptions options, VectorCoding coding)
    : implementation_(std::make_unique<Implementation>(std::move(options), std::move(coding))) {}
SequenceModel::~SequenceModel() = default;
SequenceModel::SequenceModel(SequenceModel&&) noexcept = default;
SequenceModel& SequenceModel::operator=(SequenceModel&&) noexcept = default;

const SequenceModelOptions& SequenceModel::options() const { return implementation_->options; }
const VectorCoding& SequenceModel::coding() const { return implementation_->coding; }
const ParameterList& SequenceModel::parameters() const { return implementation_->parameters; }
const VectorOutput& SequenceModel::output() const { return *implementation_->output; }

Index SequenceModel::parameter_count() const {
  Index count = 0;
  for (const Parameter* parameter : parameters()) count += parameter->trainable() ? parameter->value().count() : 0;
  return count;
}

SequenceModel::Loss SequenceModel::loss(Tape& tape, const VectorStepBatch& batch, std::uint64_t training_step) {
  MaskKeys keys;
  keys.seed = combine(options().seed, kMaskKey);
  keys.training_step = training_step;
  keys.sequences = batch.sequences;
  State begin{.batch = batch.unrolling.batch()};
  const Variable y = implementation_->run(tape, batch.inputs, batch.unrolling, begin, Mode::kTraining, keys);
  Loss loss;
  loss.objective = implementation_->output->loss(tape, y, batch.targets, loss.cost);
  return loss;
}

std::vector<Tensor> SequenceModel::outputs(std::span<const Sequence* const> sequences, SequenceKind kind) {
  std::vector<Index> lengths;
  for (const Sequence* sequence : sequences) {
    coding().expect(*sequence, kind);
    lengths.push_back(sequence->values.shape()[0]);
  }
  std::vector<Tensor> outputs(sequences.size());
  for (const std::vector<Index>& group : group_by_length(lengths, kStepsAtOnce)) {
    std::vector<const Sequence*> some;
    for (const Index number : group) some.push_back(sequences[static_cast<std::size_t>(number)]);
    std::vector<Tensor> written = implementation_->outputs_together(some);
    for (std::size_t s = 0; s < group.size(); ++s) {
      outputs[static_cast<std::size_t>(group[s])] = std::move(written[s]);
    }
  }
  return outputs;
}

Tensor SequenceModel::step(const Tensor& inputs, State& state) {
  Tape tape(Tape::Recording::kOff);
  const Unrolling once = Unrolling::equal(1, inputs.shape()[0]);
  return tape.value(implementation_->run(tape, inputs, once, state, Mode::kEvaluation, {}));
}

}  // namespace unfold
