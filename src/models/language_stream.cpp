#include "unfold/language_stream.h"

#include <fmt/core.h>

#include <algorithm>
#include <optional>

#include "layers/linear_stream.h"
#include "layers/stack_stream.h"
#include "models/language_network.h"
#include "unfold/error.h"

namespace unfold {

struct LanguageStream::Implementation {
  explicit Implementation(LanguageModel::Implementation& network)
      : symbols(network.vocabulary),
        stack(network.stack.stream(network.table ? &*network.table : nullptr)),
        output(network.output->stream()) {
    if (network.projection) projection.emplace(network.projection->stream());
    for (const RecurrenceStream& layer : stack->layers()) {
      for (Index s = 0; s < layer.states(); ++s) state_size += layer.state_size(s);
    }
  }

  void expect(std::size_t states, std::span<const std::int32_t> tokens, std::size_t results) const {
    const bool known =
        std::all_of(tokens.begin(), tokens.end(), [this](std::int32_t token) { return token >= 0 && token < symbols; });
    if (known && states == tokens.size() && results == tokens.size() * static_cast<std::size_t>(symbols)) return;
    throw ContractError(
        fmt::format("a step of {} texts expects as many tokens in [0, {}) and room for {} numbers each, found {} "
                    "tokens{} and room for {}",
                    states, symbols, symbols, tokens.size(), known ? "" : ", some outside,", results));
  }

  /// Room for the rows and packed weights as the parameters are now.
  void prepare(std::span<const std::int32_t> tokens) {
    const auto rows = static_cast<Index>(tokens.size());
    stack->reserve(rows);
    stack->refresh();
    if (projection) {
      projection->refresh();
      const auto size = static_cast<std::size_t>(rows * projection->outputs());
      if (projected.size() < size) projected.resize(size);
    }
    output->refresh();
    for (Index row = 0; row < rows; ++row) stack->set_token(row, tokens[static_cast<std::size_t>(row)]);
  }

  void run(Index rows, float* log_probabilities) {
    stack->step(rows);
    const float* features = stack->output(0);
    if (projection) {
      projection->run(features, stack->output_size(), rows, projected.data(), projection->outputs());
      features = projected.data();
    }
    output->log_probabilities(features, rows, log_probabilities);
  }

  /// visit(values, size) of every state of a row, layer after layer.
  template <class Visit>
  void each_state(Index row, const Visit& visit) {
    for (RecurrenceStream& layer : stack->layers()) {
      for (Index s = 0; s < layer.states(); ++s) visit(layer.state(s, row), layer.state_size(s));
    }
  }

  void load(Index row, const StreamState& state) {
    if (state.values.empty()) return stack->start(row);
    const float* from = state.values.data();
    each_state(row, [&](float* values, Index size) {
      std::copy_n(from, size, values);
      from += size;
    });
  }

  void store(Index row, StreamState& state) {
    state.values.resize(static_cast<std::size_t>(state_size));
    float* to = state.values.data();
    each_state(row, [&](const float* values, Index size) { to = std::copy_n(values, size, to); });
  }

  void load(const State& state);
  void store(State& state);

  Index symbols;
  std::unique_ptr<StackStream> stack;
  std::optional<LinearStream> projection;
  std::unique_ptr<OutputStream> output;
  Index state_size = 0;  // of all layers
  std::vector<float> projected;
};

void LanguageStream::Implementation::load(const State& state) {
  for (Index row = 0; row < state.batch; ++row) {
    const bool begins = !state.begins.empty() && state.begins[static_cast<std::size_t>(row)];
    if (state.layers.empty() || begins) {
      stack->start(row);
      continue;
    }
    for (std::size_t l = 0; l < state.layers.size(); ++l) {
      for (std::size_t s = 0; s < state.layers[l].size(); ++s) {
        RecurrenceStream& layer = stack->layers()[l];
        const Index size = layer.state_size(static_cast<Index>(s));
        std::copy_n(state.layers[l][s].data() + row * size, size, layer.state(static_cast<Index>(s), row));
      }
    }
  }
}

void LanguageStream::Implementation::store(State& state) {
  state.begins.clear();
  state.layers.resize(stack->layers().size());
  for (std::size_t l = 0; l < state.layers.size(); ++l) {
    RecurrenceStream& layer = stack->layers()[l];
    state.layers[l].resize(static_cast<std::size_t>(layer.states()));
    for (Index s = 0; s < layer.states(); ++s) {
      Tensor& rows = state.layers[l][static_cast<std::size_t>(s)];
      const Index size = layer.state_size(s);
      if (rows.count() != state.batch * size) rows = Tensor({state.batch, size});
      for (Index row = 0; row < state.batch; ++row) std::copy_n(layer.state(s, row), size, rows.data() + row * size);
    }
  }
}

LanguageStream::LanguageStream(const LanguageModel& model)
    : implementation_(std::make_unique<Implementation>(*model.implementation_)) {}
LanguageStream::~LanguageStream() = default;
LanguageStream::LanguageStream(LanguageStream&&) noexcept = default;
LanguageStream& LanguageStream::operator=(LanguageStream&&) noexcept = default;

Index LanguageStream::symbols() const { return implementation_->symbols; }

void LanguageStream::step(std::span<StreamState* const> states, std::span<const std::int32_t> tokens,
                          std::span<float> log_probabilities) {
  Implementation& self = *implementation_;
  self.expect(states.size(), tokens, log_probabilities.size());
  for (const StreamState* state : states) {
    if (state->values.empty() || static_cast<Index>(state->values.size()) == self.state_size) continue;
    throw ContractError(
        fmt::format("a text's state has {} numbers; this model's have {}", state->values.size(), self.state_size));
  }
  self.prepare(tokens);
  const auto rows = static_cast<Index>(states.size());
  for (Index row = 0; row < rows; ++row) self.load(row, *states[static_cast<std::size_t>(row)]);
  self.run(rows, log_probabilities.data());
  for (Index row = 0; row < rows; ++row) self.store(row, *states[static_cast<std::size_t>(row)]);
}

void LanguageStream::step(State& state, std::span<const std::int32_t> tokens, std::span<float> log_probabilities) {
  Implementation& self = *implementation_;
  self.expect(static_cast<std::size_t>(state.batch), tokens, log_probabilities.size());
  if (!state.layers.empty() && state.layers.size() != self.stack->layers().size()) {
    throw ContractError(
        fmt::format("the state is of {} layers, the model of {}", state.layers.size(), self.stack->layers().size()));
  }
  self.prepare(tokens);
  self.load(state);
  self.run(state.batch, log_probabilities.data());
  self.store(state);
}

Index LanguageStream::bytes() const {
  const Implementation& self = *implementation_;
  return self.stack->bytes() + self.output->bytes() + (self.projection ? self.projection->bytes() : 0);
}

}  // namespace unfold
