#include "unfold/language_text_model.h"

#include <fmt/core.h>

#include "base/checksum.h"
#include "base/random.h"
#include "unfold/error.h"

namespace unfold {

namespace {

/// `rows` is the `rows` of a TextState, constant or not.
template <class Any>
auto& network_state(Any& rows) {
  using Wanted = std::conditional_t<std::is_const_v<Any>, const State, State>;
  Wanted* network = std::any_cast<State>(&rows);
  if (network == nullptr) throw ContractError("the state of a text was not made by a network");
  return *network;
}

TextState text_state(State state) {
  const Index batch = state.batch;
  return {batch, std::move(state)};
}

}  // namespace

LanguageTextModel::LanguageTextModel(LanguageModel&& model)
    : own_(std::make_unique<LanguageModel>(std::move(model))), model_(own_.get()) {}

std::uint64_t LanguageTextModel::identity() const {
  std::uint64_t result = checksum(std::as_bytes(std::span(model_->options().cell.source())));
  for (const Parameter* parameter : model_->parameters()) {
    result = combine(result, checksum(std::as_bytes(std::span(parameter->name()))));
    result = combine(result, checksum(std::as_bytes(parameter->value().values())));
  }
  return result;
}

TextState LanguageTextModel::begin(Index batch) const { return text_state(model_->state(batch)); }

Tensor LanguageTextModel::step(TextState& state, std::span<const std::int32_t> tokens) {
  return model_->step(network_state(state.rows), tokens);
}

std::vector<float> LanguageTextModel::score(const TokenBatch& batch, TextState& state) {
  for (const std::int32_t target : batch.targets) {
    if (target < 0 || target >= symbols()) {
      throw ContractError(fmt::format("target {} is not in [0, {})", target, symbols()));
    }
  }
  State& streams = network_state(state.rows);
  std::vector<float> result;
  for (const double nats : model_->token_nats(batch, streams)) result.push_back(static_cast<float>(-nats));
  state.batch = streams.batch;
  return result;
}

TextState LanguageTextModel::select(const TextState& state, std::span<const Index> rows) const {
  const State& from = network_state(state.rows);
  for (const Index row : rows) {
    if (row < 0) throw ContractError(fmt::format("no text {} in a state of {} texts", row, from.batch));
  }
  return text_state(unfold::select(from, rows));
}

std::map<std::string, Tensor> LanguageTextModel::save(const TextState& state) const {
  return model_->save_state(network_state(state.rows));
}

TextState LanguageTextModel::restore(const std::map<std::string, Tensor>& arrays, Index batch) const {
  return text_state(model_->restore_state(arrays, batch));
}

}  // namespace unfold
