// The cache: counts of the last tokens, weighted by how far back they are.
#include "unfold/cache_model.h"

#include <fmt/core.h>

#include <algorithm>
#include <bit>
#include <cmath>

#include "base/random.h"
#include "models/histories.h"
#include "unfold/error.h"

namespace unfold {
namespace {

/// Calls visit(token, weight) for every token of a history, and returns the sum of the weights.
template <class Visit>
double visit_weighted(const std::vector<std::int32_t>& history, double decay, const Visit& visit) {
  double weight = 1;
  double sum = 0;
  for (auto token = history.rbegin(); token != history.rend(); ++token) {
    visit(*token, weight);
    sum += weight;
    weight *= decay;
  }
  return sum;
}

}  // namespace

CacheModel::CacheModel(Index symbols, CacheOptions options) : symbols_(symbols), options_(options) {
  if (symbols < 1 || options.length < 1 || !(options.decay > 0 && options.decay <= 1)) {
    throw ContractError(
        fmt::format("a cache needs symbols, a length of 1 or more and a decay in (0, 1]; found {}, {}, {}", symbols,
                    options.length, options.decay));
  }
}

std::uint64_t CacheModel::identity() const {
  return combine(combine(static_cast<std::uint64_t>(symbols_), static_cast<std::uint64_t>(options_.length)),
                 std::bit_cast<std::uint64_t>(options_.decay));
}

TextState CacheModel::begin(Index batch) const {
  return begin_histories(batch, static_cast<std::size_t>(options_.length));
}

Tensor CacheModel::step(TextState& state, std::span<const std::int32_t> tokens) {
  const auto batch = static_cast<Index>(tokens.size());
  Histories& histories = histories_of(state, batch);
  Tensor result = Tensor::uninitialised({batch, symbols_});
  std::vector<double> counts(static_cast<std::size_t>(symbols_));
  float* to = result.data();
  for (std::size_t text = 0; text < tokens.size(); ++text) {
    histories.push(text, tokens[text]);
    std::fill(counts.begin(), counts.end(), 0);
    const double sum = visit_weighted(histories.texts[text], options_.decay, [&](std::int32_t token, double weight) {
      counts[static_cast<std::size_t>(token)] += weight;
    });
    for (const double count : counts) *to++ = static_cast<float>(std::log(count / sum));
  }
  return result;
}

std::vector<float> CacheModel::score(const TokenBatch& batch, TextState& state) {
  return score_histories(batch, state, [this](const std::vector<std::int32_t>& history, std::int32_t target) {
    double count = 0;
    const double sum = visit_weighted(history, options_.decay, [&](std::int32_t token, double weight) {
      if (token == target) count += weight;
    });
    return count / sum;
  });
}

TextState CacheModel::select(const TextState& state, std::span<const Index> rows) const {
  return select_histories(state, rows);
}

std::map<std::string, Tensor> CacheModel::save(const TextState& state) const { return save_histories(state); }

TextState CacheModel::restore(const std::map<std::string, Tensor>& arrays, Index batch) const {
  return restore_histories(arrays, batch, static_cast<std::size_t>(options_.length), symbols_);
}

}  // namespace unfold
