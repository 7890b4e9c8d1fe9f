// A model of text for tests: its answer depends on the last three tokens and nothing else, so that every probability
// can be looked up again, in any order.
#pragma once

#include <cmath>
#include <vector>

#include "base/random.h"
#include "unfold/text_model.h"

namespace unfold {

class TableModel final : public TextModel {
 public:
  using History = std::vector<std::int32_t>;

  explicit TableModel(Index symbols, std::uint64_t seed = 0) : symbols_(symbols), seed_(seed) {}

  /// log p [V] after these tokens.
  std::vector<float> answer(const History& history) const {
    std::uint64_t key = seed_;
    for (std::size_t i = history.size() - std::min<std::size_t>(3, history.size()); i < history.size(); ++i) {
      key = combine(key, static_cast<std::uint64_t>(history[i]));
    }
    Random random(key);
    std::vector<double> logs;
    double total = 0;
    for (Index i = 0; i < symbols_; ++i) total += std::exp(logs.emplace_back(1.5 * random.normal()));
    std::vector<float> result;
    for (const double log : logs) result.push_back(static_cast<float>(log - std::log(total)));
    return result;
  }

  Index symbols() const override { return symbols_; }
  std::uint64_t identity() const override { return seed_; }
  TextState begin(Index batch) const override { return {batch, std::vector<History>(static_cast<std::size_t>(batch))}; }
  Tensor step(TextState& state, std::span<const std::int32_t> tokens) override {
    Tensor result({static_cast<Index>(tokens.size()), symbols_});
    auto& histories = std::any_cast<std::vector<History>&>(state.rows);
    for (std::size_t row = 0; row < tokens.size(); ++row) {
      histories.at(row).push_back(tokens[row]);
      const std::vector<float> next = answer(histories[row]);
      std::copy(next.begin(), next.end(), result.data() + static_cast<Index>(row) * symbols_);
    }
    return result;
  }
  std::vector<float> score(const TokenBatch& batch, TextState& state) override {
    auto& histories = std::any_cast<std::vector<History>&>(state.rows);
    std::vector<float> result(batch.targets.size());
    for (Index text = 0; text < batch.unrolling.batch(); ++text) {
      for (Index tick = 0; tick < batch.unrolling.lengths()[static_cast<std::size_t>(text)]; ++tick) {
        const auto row = static_cast<std::size_t>(batch.unrolling.row(text, tick));
        History& history = histories[static_cast<std::size_t>(text)];
        history.push_back(batch.inputs[row]);
        result[row] = answer(history)[static_cast<std::size_t>(batch.targets[row])];
      }
    }
    return result;
  }
  TextState select(const TextState& state, std::span<const Index> rows) const override {
    const auto& histories = std::any_cast<const std::vector<History>&>(state.rows);
    std::vector<History> selected;
    for (const Index row : rows) selected.push_back(histories.at(static_cast<std::size_t>(row)));
    return {static_cast<Index>(rows.size()), std::move(selected)};
  }
  std::map<std::string, Tensor> save(const TextState& state) const override {
    const History& history = std::any_cast<const std::vector<History>&>(state.rows).at(0);
    Tensor tokens({static_cast<Index>(history.size())});
    for (Index i = 0; i < tokens.count(); ++i) tokens[i] = static_cast<float>(history[static_cast<std::size_t>(i)]);
    return {{"history", std::move(tokens)}};
  }
  TextState restore(const std::map<std::string, Tensor>& arrays, Index) const override {
    History history;
    for (const float token : arrays.at("history").values()) history.push_back(static_cast<std::int32_t>(token));
    return {1, std::vector<History>{history}};
  }

 private:
  Index symbols_;
  std::uint64_t seed_;
};

}  // namespace unfold
