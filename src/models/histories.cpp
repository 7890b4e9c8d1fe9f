#include "models/histories.h"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>

#include "unfold/error.h"

namespace unfold {
namespace {

constexpr const char* kName = "history";
constexpr float kNoToken = -1;

const Histories& histories_in(const TextState& state) {
  const auto* histories = std::any_cast<Histories>(&state.rows);
  if (histories == nullptr) throw ContractError("the state of a text was made by a model of another kind");
  return *histories;
}

}  // namespace

void Histories::push(std::size_t text, std::int32_t token) {
  std::vector<std::int32_t>& tokens = texts[text];
  tokens.push_back(token);
  if (tokens.size() > longest) tokens.erase(tokens.begin());
}

namespace {

/// What each sequence of a batch remembers when it begins; see TokenBatch.
Histories entering(const TokenBatch& batch, const Histories& streams) {
  if (batch.continues.empty()) return streams;
  Histories sequences{streams.longest, {}};
  for (const Index stream : batch.continues) {
    sequences.texts.push_back(stream == TokenBatch::kStart ? std::vector<std::int32_t>{}
                                                           : streams.texts.at(static_cast<std::size_t>(stream)));
  }
  return sequences;
}

/// What the streams carry on.
TextState leaving(const TokenBatch& batch, Histories sequences) {
  TextState all{batch.unrolling.batch(), std::move(sequences)};
  return batch.continues.empty() ? all : select_histories(all, batch.carries);
}

}  // namespace

std::vector<float> score_histories(const TokenBatch& batch, TextState& state, const HistoryProbability& probability) {
  if (batch.continues.empty()) histories_of(state, batch.unrolling.batch());
  Histories histories = entering(batch, histories_in(state));
  std::vector<float> result(batch.targets.size());
  for (Index text = 0; text < batch.unrolling.batch(); ++text) {
    const Index length = batch.unrolling.lengths()[static_cast<std::size_t>(text)];
    for (Index tick = 0; tick < length; ++tick) {
      const auto row = static_cast<std::size_t>(batch.unrolling.row(text, tick));
      const auto place = static_cast<std::size_t>(text);
      histories.push(place, batch.inputs[row]);
      result[row] = static_cast<float>(std::log(probability(histories.texts[place], batch.targets[row])));
    }
  }
  state = leaving(batch, std::move(histories));
  return result;
}

TextState begin_histories(Index batch, std::size_t longest) {
  return {batch, Histories{longest, std::vector<std::vector<std::int32_t>>(static_cast<std::size_t>(batch))}};
}

Histories& histories_of(TextState& state, Index batch) {
  if (state.batch != batch) {
    throw ContractError(fmt::format("a state of {} texts, tokens of {}", state.batch, batch));
  }
  histories_in(state);
  return *std::any_cast<Histories>(&state.rows);
}

TextState select_histories(const TextState& state, std::span<const Index> rows) {
  const Histories& from = histories_in(state);
  Histories selected{from.longest, {}};
  for (const Index row : rows) {
    if (row < 0 || row >= state.batch) {
      throw ContractError(fmt::format("no text {} in a state of {} texts", row, state.batch));
    }
    selected.texts.push_back(from.texts[static_cast<std::size_t>(row)]);
  }
  return {static_cast<Index>(rows.size()), std::move(selected)};
}

std::map<std::string, Tensor> save_histories(const TextState& state) {
  const Histories& histories = histories_in(state);
  const auto longest = static_cast<Index>(histories.longest);
  Tensor array = Tensor::uninitialised({state.batch, longest});
  std::fill_n(array.data(), array.count(), kNoToken);
  for (Index text = 0; text < state.batch; ++text) {
    const std::vector<std::int32_t>& tokens = histories.texts[static_cast<std::size_t>(text)];
    Index place = (text + 1) * longest - static_cast<Index>(tokens.size());
    for (const std::int32_t token : tokens) array[place++] = static_cast<float>(token);
  }
  return {{kName, std::move(array)}};
}

TextState restore_histories(const std::map<std::string, Tensor>& arrays, Index batch, std::size_t longest,
                            Index vocabulary) {
  const auto width = static_cast<Index>(longest);
  const auto found = arrays.find(kName);
  if (found == arrays.end() || arrays.size() != 1 || found->second.shape() != Shape{batch, width}) {
    throw InputError(
        fmt::format("the state does not fit the model: expected one array '{}' {}", kName, Shape{batch, width}.text()));
  }
  TextState state = begin_histories(batch, longest);
  Histories& histories = histories_of(state, batch);
  for (Index i = 0; i < found->second.count(); ++i) {
    const float value = found->second[i];
    if (value == kNoToken) continue;
    if (!(value >= 0 && value < static_cast<float>(vocabulary))) {
      throw InputError(fmt::format("the state does not fit the model: token {} is not in [0, {})", value, vocabulary));
    }
    histories.push(static_cast<std::size_t>(i / width), static_cast<std::int32_t>(value));
  }
  return state;
}

}  // namespace unfold
