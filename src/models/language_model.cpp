#include "unfold/language_model.h"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <optional>

#include "base/random.h"
#include "base/threads.h"
#include "recurrence/graph/initialise.h"
#include "tensor/kernels/softmax_cross_entropy.h"
#include "unfold/error.h"

namespace unfold {

namespace {

// Keys of the initial values, by part of the model.
constexpr std::uint64_t kEmbeddingKey = 1;
constexpr std::uint64_t kLayersKey = 2;
constexpr std::uint64_t kOutputKey = 3;
constexpr std::uint64_t kMaskKey = 4;

/// Normal with deviation 1 / sqrt(I): what a layer computes from an embedded token then starts as large as from a
/// one-hot one.
void initialise_embedding(Parameter& table, std::uint64_t seed) {
  const double deviation = 1.0 / std::sqrt(static_cast<double>(table.shape()[1]));
  const recurrence::ParameterDeclaration declaration = {
      .name = table.name(), .shape = table.shape(), .initial = {recurrence::Initial::Kind::kNormal, deviation}};
  recurrence::initialise(declaration, combine(seed, kEmbeddingKey), table.edit());
}

StackOptions stack_options(const LanguageModelOptions& options, Index vocabulary) {
  const bool embedded = options.embed > 0;
  StackOptions stack;
  stack.input = embedded ? options.embed : vocabulary;
  stack.hidden = options.hidden;
  stack.layers = options.layers;
  stack.target = vocabulary;
  stack.rewrites = options.rewrites;
  stack.workload = {.input = embedded ? InputValues::Kind::kEmbedded : InputValues::Kind::kOneHot,
                    .vocabulary = embedded ? vocabulary : 0,
                    .batch = options.batch,
                    .steps = options.steps};
  stack.seed = combine(options.seed, kLayersKey);
  return stack;
}

void expect_sizes(const LanguageModelOptions& options, Index vocabulary) {
  if (options.hidden < 1 || options.layers < 1 || options.embed < 0 || vocabulary < 1) {
    throw ContractError(
        fmt::format("a language model needs hidden >= 1, layers >= 1, embed >= 0 and a vocabulary; "
                    "found hidden {}, layers {}, embed {}, vocabulary {}",
                    options.hidden, options.layers, options.embed, vocabulary));
  }
}

void append(ParameterList& to, const ParameterList& from) { to.insert(to.end(), from.begin(), from.end()); }

}  // namespace

struct LanguageModel::Implementation {
  Implementation(LanguageModelOptions chosen, Index vocabulary_size)
      : options(std::move(chosen)),
        vocabulary(vocabulary_size),
        stack(options.cell, stack_options(options, vocabulary)) {
    if (options.embed > 0) {
      table.emplace("embedding.W", Shape{vocabulary, options.embed});
      initialise_embedding(*table, options.seed);
      parameters.push_back(&*table);
    }
    append(parameters, stack.parameters());
    if (!stack.output_is_target()) {
      output.emplace(stack.output_size(), vocabulary, combine(options.seed, kOutputKey), "output");
      append(parameters, output->parameters());
    }
  }

  struct Logits {
    Variable values;  // [N, V]
    State state;
  };
  Logits logits(Tape& tape, const Unrolling& unrolling, std::span<const std::int32_t> inputs, const State& state,
                Mode mode, const MaskKeys& keys = {}) {
    const SequenceInput input =
        table ? SequenceInput(EmbeddedTokens{inputs, &*table}) : SequenceInput(OneHotTokens{inputs});
    // The label of the step before is this step's input: the teacher.
    RecurrentStack::Result result = stack.forward(tape, input, unrolling, state, mode, keys, inputs);
    return {output ? output->forward(tape, result.output) : result.output, std::move(result.state)};
  }

  void expect_inputs(const Unrolling& unrolling, std::span<const std::int32_t> inputs) const {
    const bool known = std::all_of(inputs.begin(), inputs.end(),
                                   [this](std::int32_t token) { return token >= 0 && token < vocabulary; });
    if (known && static_cast<Index>(inputs.size()) == unrolling.rows()) return;
    throw ContractError(fmt::format("expected {} tokens in [0, {}), found {} tokens{}", unrolling.rows(), vocabulary,
                                    inputs.size(), known ? "" : ", some outside"));
  }

  LanguageModelOptions options;
  Index vocabulary;
  std::optional<Parameter> table;  // [V, embed]
  RecurrentStack stack;
  std::optional<Linear> output;
  ParameterList parameters;
};

LanguageModel::LanguageModel(LanguageModelOptions options, Index vocabulary) {
  expect_sizes(options, vocabulary);
  implementation_ = std::make_unique<Implementation>(std::move(options), vocabulary);
}

LanguageModel::~LanguageModel() = default;
LanguageModel::LanguageModel(LanguageModel&&) noexcept = default;
LanguageModel& LanguageModel::operator=(LanguageModel&&) noexcept = default;

const LanguageModelOptions& LanguageModel::options() const { return implementation_->options; }
Index LanguageModel::vocabulary() const { return implementation_->vocabulary; }
const ParameterList& LanguageModel::parameters() const { return implementation_->parameters; }

Index LanguageModel::parameter_count() const {
  Index count = 0;
  for (const Parameter* parameter : parameters()) count += parameter->trainable() ? parameter->shape().count() : 0;
  return count;
}

State LanguageModel::state(Index batch) const { return {.batch = batch}; }

std::map<std::string, Tensor> LanguageModel::save_state(const State& state) const {
  return implementation_->stack.save_state(state);
}

State LanguageModel::restore_state(const std::map<std::string, Tensor>& tensors, Index batch) const {
  return implementation_->stack.restore_state(tensors, batch);
}

LanguageModel::Loss LanguageModel::loss(Tape& tape, const TokenBatch& batch, const State& state,
                                        std::uint64_t training_step) {
  implementation_->expect_inputs(batch.unrolling, batch.inputs);
  MaskKeys keys;
  keys.seed = combine(options().seed, kMaskKey);
  keys.training_step = training_step;
  auto [logits, next] = implementation_->logits(tape, batch.unrolling, batch.inputs, state, Mode::kTraining, keys);
  return {softmax_cross_entropy(tape, logits, batch.targets), std::move(next)};
}

double LanguageModel::evaluate(const TokenBatch& batch, State& state) {
  implementation_->expect_inputs(batch.unrolling, batch.inputs);
  if (batch.inputs.empty()) return 0.0;
  Tape tape(Tape::Recording::kOff);
  auto [logits, next] = implementation_->logits(tape, batch.unrolling, batch.inputs, state, Mode::kEvaluation);
  const double mean = tape.value(softmax_cross_entropy(tape, logits, batch.targets))[0];
  state = std::move(next);
  return mean * static_cast<double>(batch.targets.size());
}

double LanguageModel::evaluate(const EvaluationBatches& batches) {
  State carried = state(batches.batch());
  double nats = 0;
  for (Index window = 0; window < batches.windows(); ++window) nats += evaluate(batches.window(window), carried);
  return nats / static_cast<double>(batches.predictions());
}

Tensor LanguageModel::log_probabilities(const Unrolling& unrolling, std::span<const std::int32_t> inputs,
                                        State& state) {
  implementation_->expect_inputs(unrolling, inputs);
  Tape tape(Tape::Recording::kOff);
  auto [logits, next] = implementation_->logits(tape, unrolling, inputs, state, Mode::kEvaluation);
  state = std::move(next);
  const Tensor& z = tape.value(logits);
  Tensor result = Tensor::uninitialised(z.shape());
  parallel(unrolling.steps(), [&](Index tick) {
    const Index first = unrolling.start(tick) * vocabulary();
    kernels::log_softmax(z.data() + first, vocabulary(), unrolling.rows_at(tick), vocabulary(), result.data() + first,
                         vocabulary());
  });
  return result;
}

Tensor LanguageModel::step(State& state, std::span<const std::int32_t> tokens) {
  return log_probabilities(Unrolling::equal(1, static_cast<Index>(tokens.size())), tokens, state);
}

}  // namespace unfold
