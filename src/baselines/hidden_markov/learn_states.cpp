// The algorithm of Baum and Welch: a hidden Markov model from words alone.
#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <unordered_map>

#include "base/random.h"
#include "baselines/hidden_markov/chain.h"
#include "unfold/error.h"
#include "unfold/hidden_markov.h"

namespace unfold {
namespace {

/// Sentences as numbers of words; 0 is the unknown word.
struct Numbered {
  std::vector<std::string> words = {""};
  std::vector<std::vector<std::size_t>> sentences;
};

Numbered number_words(std::span<const std::vector<std::string>> sentences, Index min_count) {
  std::unordered_map<std::string, Index> counts;
  for (const auto& sentence : sentences) {
    for (const std::string& word : sentence) ++counts[word];
  }
  Numbered numbered;
  std::unordered_map<std::string, std::size_t> ids;
  for (const auto& sentence : sentences) {
    if (sentence.empty()) continue;
    numbered.sentences.emplace_back();
    for (const std::string& word : sentence) {
      std::size_t id = 0;
      if (counts[word] >= min_count) {
        const auto [found, added] = ids.emplace(word, numbered.words.size());
        if (added) numbered.words.push_back(word);
        id = found->second;
      }
      numbered.sentences.back().push_back(id);
    }
  }
  return numbered;
}

/// Each run of `width` numbers divided by its sum; where that is 0 the run stays as it is in `otherwise`.
void normalise_rows(std::vector<double>& table, std::size_t width, const std::vector<double>& otherwise) {
  for (std::size_t begin = 0; begin < table.size(); begin += width) {
    double sum = 0;
    for (std::size_t i = begin; i < begin + width; ++i) sum += table[i];
    for (std::size_t i = begin; i < begin + width; ++i) table[i] = sum > 0 ? table[i] / sum : otherwise[i];
  }
}

/// What is learnt, and the expected counts that it is learnt from.
struct Numbers {
  std::vector<double> transitions;  // [K + 1, K + 1]
  std::vector<double> emissions;    // [K, V] p(word | state)

  Numbers(std::size_t K, std::size_t V) : transitions((K + 1) * (K + 1)), emissions(K * V) {}
};

/// Nearly uniform probabilities, so that no state is forced on a word, and none equals another.
Numbers random_start(std::size_t K, std::size_t V, std::uint64_t seed) {
  Random random(seed);
  Numbers start(K, V);
  for (double& value : start.transitions) value = 1 + random.uniform_double();
  for (double& value : start.emissions) value = 1 + random.uniform_double();
  start.transitions.back() = 0;  // from the start to the end: no sentence is empty
  normalise_rows(start.transitions, K + 1, start.transitions);
  normalise_rows(start.emissions, V, start.emissions);
  return start;
}

/// One sentence's expected counts under `now`, added to `counts`. Returns log p of its words.
double expect(const Numbers& now, const Chain& chain, std::span<const std::size_t> sentence, Numbers& counts) {
  const auto K = static_cast<std::size_t>(chain.tags);
  const std::size_t V = now.emissions.size() / K;
  std::vector<double> emissions(sentence.size() * K);
  for (std::size_t t = 0; t < sentence.size(); ++t) {
    for (std::size_t k = 0; k < K; ++k) emissions[t * K + k] = now.emissions[k * V + sentence[t]];
  }
  const Expectation expectation = forward_backward(chain, emissions, true);
  for (std::size_t t = 0; t < sentence.size(); ++t) {
    for (std::size_t k = 0; k < K; ++k) counts.emissions[k * V + sentence[t]] += expectation.states[t * K + k];
  }
  const std::size_t last = (sentence.size() - 1) * K;
  for (std::size_t k = 0; k < K; ++k) {
    counts.transitions[K * (K + 1) + k] += expectation.states[k];
    counts.transitions[k * (K + 1) + K] += expectation.states[last + k];
  }
  for (std::size_t e = 0; e < chain.edges.size(); ++e) {
    counts.transitions[chain.edges[e].from * (K + 1) + chain.edges[e].to] += expectation.edges[e];
  }
  return expectation.log_probability;
}

HiddenMarkov::Tables tables_of(const Numbers& learnt, const Numbered& numbered, Index states) {
  const auto K = static_cast<std::size_t>(states);
  const std::size_t V = numbered.words.size();
  HiddenMarkov::Tables tables{.tags = states,
                              .order = 1,
                              .transitions = learnt.transitions,
                              .words = NamedRows(states),
                              .endings = NamedRows(states)};
  for (std::size_t word = 0; word < V; ++word) {
    const std::span<double> row = word == 0 ? tables.endings.row("") : tables.words.row(numbered.words[word]);
    for (std::size_t k = 0; k < K; ++k) row[k] = learnt.emissions[k * V + word];
  }
  return tables;
}

}  // namespace

BaumWelchResult learn_states(std::span<const std::vector<std::string>> sentences, const BaumWelchOptions& options) {
  if (options.states < 1 || options.iterations < 1 || options.min_count < 1) {
    throw UsageError("states, iterations and the least count of a word must be at least 1");
  }
  const Numbered numbered = number_words(sentences, options.min_count);
  if (numbered.sentences.empty()) throw InputError("there is no word to learn from");
  const auto K = static_cast<std::size_t>(options.states);
  const std::size_t V = numbered.words.size();
  Numbers now = random_start(K, V, options.seed);
  std::vector<double> log_probabilities;
  for (Index iteration = 0;; ++iteration) {
    const Chain chain = make_chain(options.states, 1, now.transitions);
    Numbers counts(K, V);
    double log_probability = 0;
    for (const auto& sentence : numbered.sentences) log_probability += expect(now, chain, sentence, counts);
    log_probabilities.push_back(log_probability);
    if (iteration == options.iterations) break;
    normalise_rows(counts.transitions, K + 1, now.transitions);
    normalise_rows(counts.emissions, V, now.emissions);
    now = std::move(counts);
  }
  return {HiddenMarkov(tables_of(now, numbered, options.states)), std::move(log_probabilities)};
}

}  // namespace unfold
