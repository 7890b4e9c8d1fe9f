#include "unfold/hidden_markov.h"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>

#include "baselines/hidden_markov/chain.h"
#include "baselines/hidden_markov/endings.h"
#include "unfold/error.h"

namespace unfold {
namespace {

// Longer endings than any table has cost nothing but the look-ups that fail.
constexpr Index kLongestEnding = 64;

[[noreturn]] void throw_impossible() {
  throw InputError("the model gives these words the probability 0, whatever their tags");
}

}  // namespace

HiddenMarkov::HiddenMarkov(Tables tables) : tables_(std::move(tables)) {
  const Index side = tables_.tags + 1;
  const Index expected = tables_.order == 2 ? side * side * side : side * side;
  const auto is_probability = [](double p) { return p >= 0 && p <= 1; };
  const auto is_factor = [](double p) { return p >= 0 && std::isfinite(p); };
  const auto all = [](const std::vector<double>& values, const auto& test) {
    return std::all_of(values.begin(), values.end(), test);
  };
  if (tables_.tags < 1 || tables_.order < 1 || tables_.order > 2 ||
      static_cast<Index>(tables_.transitions.size()) != expected || tables_.words.width() != tables_.tags ||
      tables_.endings.width() != tables_.tags || tables_.endings.find("").empty() ||
      !all(tables_.transitions, is_probability) || !all(tables_.words.values(), is_factor) ||
      !all(tables_.endings.values(), is_factor)) {
    throw InputError("the tables of the hidden Markov model do not belong together");
  }
  chain_ = std::make_shared<const Chain>(make_chain(tables_.tags, tables_.order, tables_.transitions));
}

/// [T, K]
std::vector<double> HiddenMarkov::emissions(std::span<const std::string> words) const {
  std::vector<double> rows;
  for (const std::string& word : words) {
    std::span<const double> row = tables_.words.find(word);
    if (row.empty()) {
      row = tables_.endings.find("");
      for (const std::string& ending : word_endings(word, kLongestEnding)) {
        const std::span<const double> longer = tables_.endings.find(ending);
        if (longer.empty()) break;
        row = longer;
      }
    }
    rows.insert(rows.end(), row.begin(), row.end());
  }
  return rows;
}

double HiddenMarkov::log_probability(std::span<const std::string> words) const {
  const double log = forward(*chain_, emissions(words));
  if (!std::isfinite(log)) throw_impossible();
  return log;
}

std::vector<std::int32_t> HiddenMarkov::viterbi(std::span<const std::string> words) const {
  std::vector<std::int32_t> path = best_path(*chain_, emissions(words));
  if (path.size() != words.size()) throw_impossible();
  return path;
}

std::vector<double> HiddenMarkov::posteriors(std::span<const std::string> words) const {
  const Chain& chain = *chain_;
  const Expectation expectation = forward_backward(chain, emissions(words), false);
  if (!std::isfinite(expectation.log_probability)) throw_impossible();
  const auto K = static_cast<std::size_t>(tables_.tags);
  std::vector<double> rows(words.size() * K);
  for (std::size_t t = 0; t < words.size(); ++t) {
    for (std::size_t s = 0; s < chain.states(); ++s) {
      rows[t * K + chain.tag[s]] += expectation.states[t * chain.states() + s];
    }
  }
  return rows;
}

}  // namespace unfold
