#include "models/language_network.h"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>

#include "base/random.h"
#include "layers/dropout.h"
#include "layers/start.h"
#include "models/checked_options.h"
#include "tensor/storage.h"
#include "unfold/error.h"

namespace unfold {

namespace {

// Keys of the initial values, by part of the model.
constexpr std::uint64_t kEmbeddingKey = 1;
constexpr std::uint64_t kLayersKey = 2;
constexpr std::uint64_t kOutputKey = 3;
constexpr std::uint64_t kMaskKey = 4;
constexpr std::uint64_t kProjectionKey = 5;
constexpr std::uint64_t kMatricesKey = 6;

StackOptions stack_options(const LanguageModelOptions& options, Index vocabulary) {
  const bool embedded = options.embed > 0;
  // Dropped vectors are no rows of the table any more.
  const bool dropped = options.dropout.words > 0 || options.dropout.input.rate > 0;
  const InputValues::Kind tokens = dropped ? InputValues::Kind::kDense : InputValues::Kind::kEmbedded;
  StackOptions stack;
  stack.input = embedded ? options.embed : vocabulary;
  stack.hidden = options.hidden;
  stack.target = vocabulary;
  stack.skip = options.skip;
  stack.residual = options.residual;
  stack.dropout = options.dropout.between;
  stack.rewrites = options.rewrites;
  stack.workload = {.input = embedded ? tokens : InputValues::Kind::kOneHot,
                    .vocabulary = embedded ? vocabulary : 0,
                    .batch = options.batch,
                    .steps = options.steps,
                    .precision = options.precision};
  stack.initialisation = options.initialisation;
  stack.seed = combine(options.seed, kLayersKey);
  return stack;
}

void append(ParameterList& to, const ParameterList& from) { to.insert(to.end(), from.begin(), from.end()); }

/// Every row but those of the first tick, and the rows of the same sequences one tick before.
std::pair<std::vector<Index>, std::vector<Index>> successive_rows(const Unrolling& unrolling) {
  std::pair<std::vector<Index>, std::vector<Index>> rows;
  for (Index tick = 1; tick < unrolling.steps(); ++tick) {
    for (Index position = 0; position < unrolling.rows_at(tick); ++position) {
      rows.first.push_back(unrolling.start(tick) + position);
      rows.second.push_back(unrolling.start(tick - 1) + position);
    }
  }
  return rows;
}

}  // namespace

LanguageModel::Implementation::Implementation(LanguageModelOptions chosen, Index vocabulary_size)
    : options(checked(std::move(chosen), vocabulary_size)),
      vocabulary(vocabulary_size),
      stack(options.cell, stack_options(options, vocabulary)) {
  if (options.embed > 0) {
    table.emplace("embedding.W", Shape{vocabulary, options.embed});
    // What a layer computes from an embedded token then starts as large as from a one-hot one.
    start_normal(*table, 1.0 / std::sqrt(static_cast<double>(options.embed)), combine(options.seed, kEmbeddingKey));
    parameters.push_back(&*table);
  }
  append(parameters, stack.parameters());
  make_output();
  append(parameters, output->parameters());
  start_matrices();
}

void LanguageModel::Implementation::make_output() {
  const bool adaptive = options.output.kind == OutputOptions::Kind::kAdaptive;
  if (stack.output_is_target()) {
    if (adaptive || options.output.tied) {
      throw UsageError(
          fmt::format("the output of cell '{}' is the logits, so that no output layer with an adaptive "
                      "softmax or tied weights stands above it",
                      options.cell.name()));
    }
    output = make_cell_softmax(vocabulary);
    return;
  }
  OutputPlace place{.inputs = stack.output_size(),
                    .symbols = vocabulary,
                    .table = options.output.tied ? &*table : nullptr,
                    .seed = combine(options.seed, kOutputKey),
                    .precision = options.precision};
  if (options.output.tied && place.inputs != options.embed) {
    projection.emplace(place.inputs, options.embed, combine(options.seed, kProjectionKey), "output.projection");
    append(parameters, projection->parameters());
    place.inputs = options.embed;
  }
  if (!adaptive) {
    output = make_full_softmax(place);
    return;
  }
  std::vector<Index>& cutoffs = options.output.cutoffs;
  if (cutoffs.empty()) cutoffs = choose_cutoffs(vocabulary, place.inputs, options.output.tied);
  output = make_adaptive_softmax(place, cutoffs);
}

/// The matrices outside the recurrence, as Initialisation says.
void LanguageModel::Implementation::start_matrices() {
  if (options.initialisation.matrices.empty()) return;
  const ParameterList& inside = stack.parameters();
  for (std::size_t p = 0; p < parameters.size(); ++p) {
    const bool is_inside = std::find(inside.begin(), inside.end(), parameters[p]) != inside.end();
    if (is_inside || parameters[p]->shape().rank() != 2) continue;
    start(*parameters[p], options.initialisation.matrices, combine(combine(options.seed, kMatricesKey), p));
  }
}

SequenceInput LanguageModel::Implementation::input(Tape& tape, const Unrolling& unrolling,
                                                   std::span<const std::int32_t> inputs, Mode mode,
                                                   const MaskKeys& keys) {
  if (!table) return OneHotTokens{inputs};
  const DropoutOptions& dropout = options.dropout;
  if (mode == Mode::kEvaluation || (dropout.words == 0 && dropout.input.rate == 0)) {
    return EmbeddedTokens{inputs, &*table};
  }
  const Variable words = drop_words(tape, embedding(tape, *table, inputs), dropout.words, inputs, unrolling, keys);
  return drop(tape, words, dropout.input, unrolling, keys, DropoutSite::kInput);
}

LanguageModel::Implementation::Run LanguageModel::Implementation::run(Tape& tape, const Unrolling& unrolling,
                                                                      std::span<const std::int32_t> inputs,
                                                                      const State& state, Mode mode,
                                                                      const MaskKeys& keys) {
  const SequenceInput reads = input(tape, unrolling, inputs, mode, keys);
  // The label of the step before is this step's input: the teacher.
  RecurrentStack::Result result = stack.forward(tape, reads, unrolling, state, mode, keys, inputs);
  Run run{.output = result.output, .dropped = result.output, .features = {}, .state = std::move(result.state)};
  if (mode != Mode::kEvaluation) {
    run.dropped = drop(tape, run.output, options.dropout.output, unrolling, keys, DropoutSite::kOutput);
  }
  run.features = projection ? projection->forward(tape, run.dropped) : run.dropped;
  return run;
}

LanguageModel::Implementation::Run LanguageModel::Implementation::run(Tape& tape, const TokenBatch& batch,
                                                                      const State& state, Mode mode,
                                                                      const MaskKeys& keys) {
  if (batch.continues.empty()) return run(tape, batch.unrolling, batch.inputs, state, mode, keys);
  Run result = run(tape, batch.unrolling, batch.inputs, select(state, batch.continues), mode, keys);
  result.state = select(result.state, batch.carries);
  return result;
}

std::optional<Variable> LanguageModel::Implementation::penalties(Tape& tape, const Run& run,
                                                                 const Unrolling& unrolling) const {
  const PenaltyOptions& factors = options.penalties;
  std::optional<Variable> total;
  const auto add_penalty = [&](Variable values, double factor) {
    const Variable penalty = scale(tape, mean_square(tape, values), factor);
    total = total ? add(tape, *total, penalty) : penalty;
  };
  if (factors.activation > 0) add_penalty(run.dropped, factors.activation);
  if (factors.temporal_activation > 0) {
    const auto [later, earlier] = successive_rows(unrolling);
    add_penalty(subtract(tape, select_rows(tape, run.output, later), select_rows(tape, run.output, earlier)),
                factors.temporal_activation);
  }
  return total;
}

void LanguageModel::Implementation::end_stream() {
  if (!stream) return;
  stream.reset();
  release_kept_storage();
}

MaskKeys LanguageModel::Implementation::keys(std::uint64_t training_step) const {
  MaskKeys keys;
  keys.seed = combine(options.seed, kMaskKey);
  keys.training_step = training_step;
  return keys;
}

void LanguageModel::Implementation::expect_inputs(const Unrolling& unrolling,
                                                  std::span<const std::int32_t> inputs) const {
  const bool known = std::all_of(inputs.begin(), inputs.end(),
                                 [this](std::int32_t token) { return token >= 0 && token < vocabulary; });
  if (known && static_cast<Index>(inputs.size()) == unrolling.rows()) return;
  throw ContractError(fmt::format("expected {} tokens in [0, {}), found {} tokens{}", unrolling.rows(), vocabulary,
                                  inputs.size(), known ? "" : ", some outside"));
}

}  // namespace unfold
