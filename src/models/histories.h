// The last tokens of every text of a batch: the state of models that remember tokens and nothing else.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <span>
#include <string>
#include <vector>

#include "unfold/text_model.h"

namespace unfold {

/// Of B texts: up to `longest` tokens each, oldest first.
struct Histories {
  std::size_t longest = 0;
  std::vector<std::vector<std::int32_t>> texts;

  void push(std::size_t text, std::int32_t token);
};

/// p(target | history) of every row, as log p in float32; the histories move on.
using HistoryProbability = std::function<double(const std::vector<std::int32_t>& history, std::int32_t target)>;
std::vector<float> score_histories(const TokenBatch& batch, TextState& state, const HistoryProbability& probability);

TextState begin_histories(Index batch, std::size_t longest);
/// Throws ContractError where the state is another model's, or not of `batch` texts.
Histories& histories_of(TextState& state, Index batch);
TextState select_histories(const TextState& state, std::span<const Index> rows);
/// As one array [B, longest], -1 before texts that are shorter; and back.
std::map<std::string, Tensor> save_histories(const TextState& state);
TextState restore_histories(const std::map<std::string, Tensor>& arrays, Index batch, std::size_t longest,
                            Index vocabulary);

}  // namespace unfold
