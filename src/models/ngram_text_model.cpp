#include "unfold/ngram_text_model.h"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>

#include "base/checksum.h"
#include "base/random.h"
#include "models/histories.h"
#include "unfold/error.h"

namespace unfold {

std::uint64_t NGramTextModel::identity() const {
  // Unigram counts alone would do for most; a few distributions tell the smoothing and longer contexts apart as well.
  std::uint64_t result = combine(static_cast<std::uint64_t>(model_.order()), static_cast<std::uint64_t>(symbols()));
  for (const std::uint64_t count : model_.counts()) result = combine(result, count);
  std::vector<double> p(static_cast<std::size_t>(symbols()));
  std::vector<std::int32_t> context;
  for (int length = 0; length < 4; ++length) {
    model_.probabilities(context, p);
    result = combine(result, checksum(std::as_bytes(std::span(p))));
    context.push_back(static_cast<std::int32_t>(std::max_element(p.begin(), p.end()) - p.begin()));
  }
  return result;
}

TextState NGramTextModel::begin(Index batch) const {
  return begin_histories(batch, static_cast<std::size_t>(model_.order() - 1));
}

Tensor NGramTextModel::step(TextState& state, std::span<const std::int32_t> tokens) {
  const auto batch = static_cast<Index>(tokens.size());
  Histories& histories = histories_of(state, batch);
  Tensor result = Tensor::uninitialised({batch, symbols()});
  std::vector<double> p(static_cast<std::size_t>(symbols()));
  float* to = result.data();
  for (std::size_t text = 0; text < tokens.size(); ++text) {
    histories.push(text, tokens[text]);
    model_.probabilities(histories.texts[text], p);
    for (const double value : p) *to++ = static_cast<float>(std::log(value));
  }
  return result;
}

std::vector<float> NGramTextModel::score(const TokenBatch& batch, TextState& state) {
  return score_histories(batch, state, [this](const std::vector<std::int32_t>& history, std::int32_t target) {
    return model_.probability(history, target);
  });
}

TextState NGramTextModel::select(const TextState& state, std::span<const Index> rows) const {
  return select_histories(state, rows);
}

std::map<std::string, Tensor> NGramTextModel::save(const TextState& state) const { return save_histories(state); }

TextState NGramTextModel::restore(const std::map<std::string, Tensor>& arrays, Index batch) const {
  return restore_histories(arrays, batch, static_cast<std::size_t>(model_.order() - 1), symbols());
}

}  // namespace unfold
