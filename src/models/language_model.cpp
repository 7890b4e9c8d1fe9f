#include "unfold/language_model.h"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <numeric>

#include "base/random.h"
#include "models/language_network.h"
#include "tensor/kernels/choice.h"
#include "tensor/storage.h"
#include "unfold/error.h"

namespace unfold {

LanguageModel::LanguageModel(LanguageModelOptions options, Index vocabulary)
    : implementation_(std::make_unique<Implementation>(std::move(options), vocabulary)) {}

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

PlanSeconds LanguageModel::layer_seconds() const { return implementation_->stack.seconds(); }

std::vector<PlanCost> LanguageModel::layer_costs() const { return implementation_->stack.costs(); }

double LanguageModel::training_bytes() const {
  constexpr double kPerParameter = 4 * sizeof(float);  // the weight, its gradient, two averages
  const std::vector<PlanCost> layers = layer_costs();
  double kept = 0;
  double passing = 0;  // in the layer that needs most: buffers of backward, gradients, packed matrices
  for (const PlanCost& layer : layers) {
    kept += layer.buffer_bytes - layer.backward_bytes + (layer.copies_output ? layer.output_bytes : 0);
    passing = std::max(passing, layer.passing_bytes + layer.step_bytes);
  }
  return kPerParameter * static_cast<double>(parameter_count()) + kept + passing;
}

std::vector<Index> LanguageModel::layers_without_residual() const {
  return implementation_->stack.layers_without_residual();
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
  Implementation& network = *implementation_;
  network.expect_inputs(batch.unrolling, batch.inputs);
  network.end_stream();
  Implementation::Run run = network.run(tape, batch, state, Mode::kTraining, network.keys(training_step));
  Loss loss;
  const double smoothing = options().penalties.label_smoothing;
  const std::optional<Variable> penalties = network.penalties(tape, run, batch.unrolling);
  // The output layer may consume what it reads, and the penalties read it again in backward.
  if (penalties) run.features = scale(tape, run.features, 1);
  loss.objective = network.output->loss(tape, run.features, batch.targets, smoothing, loss.nats);
  if (penalties) loss.objective = add(tape, loss.objective, *penalties);
  loss.state = std::move(run.state);
  return loss;
}

std::vector<double> LanguageModel::token_nats(const TokenBatch& batch, State& state) {
  Implementation& network = *implementation_;
  network.expect_inputs(batch.unrolling, batch.inputs);
  if (batch.inputs.empty()) return {};
  Tape tape(Tape::Recording::kOff);
  Implementation::Run run = network.run(tape, batch, state, Mode::kEvaluation);
  state = std::move(run.state);
  return network.output->nats(tape.value(run.features), batch.targets);
}

double LanguageModel::evaluate(const TokenBatch& batch, State& state) {
  const std::vector<double> nats = token_nats(batch, state);
  return std::accumulate(nats.begin(), nats.end(), 0.0);
}

double LanguageModel::evaluate(const EvaluationBatches& batches) {
  State carried = state(batches.batch());
  double nats = 0;
  for (Index window = 0; window < batches.windows(); ++window) nats += evaluate(batches.window(window), carried);
  return nats / static_cast<double>(batches.predictions());
}

bool LanguageModel::draws_masks() const {
  const DropoutOptions& dropout = options().dropout;
  const std::vector<Rewrite>& rewrites = options().rewrites;
  return dropout.words + dropout.input.rate + dropout.between.rate + dropout.output.rate > 0 ||
         std::any_of(rewrites.begin(), rewrites.end(), [](const Rewrite& rewrite) { return rewrite.rate > 0; });
}

double LanguageModel::evaluate_monte_carlo(const EvaluationBatches& batches, Index samples) {
  if (samples < 1) throw ContractError(fmt::format("Monte Carlo dropout needs at least 1 sample, not {}", samples));
  Implementation& network = *implementation_;
  std::vector<State> carried(static_cast<std::size_t>(samples), state(batches.batch()));
  double nats = 0;
  for (Index window = 0; window < batches.windows(); ++window) {
    const TokenBatch batch = batches.window(window);
    std::vector<double> probabilities(batch.targets.size());  // the sum over the samples
    for (std::size_t sample = 0; sample < carried.size(); ++sample) {
      Tape tape(Tape::Recording::kOff);
      const MaskKeys keys = network.keys(combine(sample, static_cast<std::uint64_t>(window)));
      Implementation::Run run = network.run(tape, batch, carried[sample], Mode::kSampling, keys);
      carried[sample] = std::move(run.state);
      const std::vector<double> costs = network.output->nats(tape.value(run.features), batch.targets);
      for (std::size_t row = 0; row < costs.size(); ++row) probabilities[row] += std::exp(-costs[row]);
    }
    for (const double probability : probabilities) nats -= std::log(probability / static_cast<double>(samples));
  }
  return nats / static_cast<double>(batches.predictions());
}

Tensor LanguageModel::log_probabilities(const Unrolling& unrolling, std::span<const std::int32_t> inputs,
                                        State& state) {
  Implementation& network = *implementation_;
  network.expect_inputs(unrolling, inputs);
  Tape tape(Tape::Recording::kOff);
  Implementation::Run run = network.run(tape, unrolling, inputs, state, Mode::kEvaluation);
  state = std::move(run.state);
  return network.output->log_probabilities(tape.value(run.features));
}

Tensor LanguageModel::step(State& state, std::span<const std::int32_t> tokens) {
  if (kernels::naive_kernels()) {
    return log_probabilities(Unrolling::equal(1, static_cast<Index>(tokens.size())), tokens, state);
  }
  std::optional<LanguageStream>& stream = implementation_->stream;
  if (!stream) {
    release_kept_storage();  // what steps of training leave to each other makes room
    stream.emplace(*this);
  }
  Tensor result = Tensor::uninitialised({static_cast<Index>(tokens.size()), vocabulary()});
  stream->step(state, tokens, result.values());
  return result;
}

}  // namespace unfold
