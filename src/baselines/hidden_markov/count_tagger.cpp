// Counting tagged words: which words and endings a tag has.
#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <unordered_map>

#include "baselines/hidden_markov/endings.h"
#include "baselines/hidden_markov/transitions.h"
#include "unfold/error.h"
#include "unfold/hidden_markov.h"

namespace unfold {
namespace {

double sum(std::span<const double> values) {
  double total = 0;
  for (const double value : values) total += value;
  return total;
}

NamedRows count_words(std::span<const std::vector<std::string>> sentences,
                      std::span<const std::vector<std::int32_t>> tags, Index tag_count) {
  NamedRows counts(tag_count);
  for (std::size_t s = 0; s < sentences.size(); ++s) {
    if (sentences[s].size() != tags[s].size()) {
      throw ContractError(fmt::format("a sentence of {} words has {} tags", sentences[s].size(), tags[s].size()));
    }
    for (std::size_t t = 0; t < tags[s].size(); ++t) {
      const std::int32_t tag = tags[s][t];
      if (tag >= tag_count) throw ContractError(fmt::format("tag {} is not below {}", tag, tag_count));
      if (tag >= 0) ++counts.row(sentences[s][t])[static_cast<std::size_t>(tag)];
    }
  }
  return counts;
}

/// How often each tag occurs.
std::vector<double> count_tags(const NamedRows& words) {
  std::vector<double> counts(static_cast<std::size_t>(words.width()));
  for (std::size_t i = 0; i < words.values().size(); ++i) counts[i % counts.size()] += words.values()[i];
  return counts;
}

/// The weight of the shorter ending in the abstraction: the deviation of the tags' probabilities (Brants 2000, 2.3).
double abstraction_weight(std::span<const double> probabilities) {
  const auto n = static_cast<double>(probabilities.size());
  if (n < 2) return 1;
  double squares = 0;
  for (const double p : probabilities) squares += (p - 1 / n) * (p - 1 / n);
  return std::sqrt(squares / (n - 1));
}

/// Tags' probabilities for each ending of rare words, successively abstracted:
/// p(t | ending) = (P(t | ending) + w p(t | ending without its first letter)) / (1 + w).
class Endings {
 public:
  Endings(const NamedRows& words, const TaggerOptions& options, std::span<const double> prior)
      : longest_(options.ending), probabilities_(words.width()) {
    NamedRows counts(words.width());
    for (const std::string& word : words.names()) {
      const std::span<const double> of_word = words.find(word);
      if (longest_ == 0 || sum(of_word) > static_cast<double>(options.rare)) continue;
      for (const std::string& ending : word_endings(word, longest_)) {
        const std::span<double> row = counts.row(ending);
        for (std::size_t tag = 0; tag < row.size(); ++tag) row[tag] += of_word[tag];
      }
    }
    std::copy(prior.begin(), prior.end(), probabilities_.row("").begin());
    const double weight = abstraction_weight(prior);
    // Every ending is counted behind its shorter ones, so these are there when it is reached.
    for (const std::string& ending : counts.names()) abstract(ending, counts.find(ending), weight);
  }

  /// Of the longest ending of a word that was counted.
  std::span<const double> of(std::string_view word) const {
    std::span<const double> row = probabilities_.find("");
    for (const std::string& ending : word_endings(word, longest_)) {
      const std::span<const double> longer = probabilities_.find(ending);
      if (longer.empty()) break;
      row = longer;
    }
    return row;
  }

  NamedRows& probabilities() { return probabilities_; }

 private:
  void abstract(const std::string& ending, std::span<const double> counts, double weight) {
    const std::span<const double> found = probabilities_.find(shorter(ending));
    const std::vector<double> before(found.begin(), found.end());  // the row that is added may move it
    const std::span<double> row = probabilities_.row(ending);
    const double total = sum(counts);
    for (std::size_t tag = 0; tag < row.size(); ++tag) {
      row[tag] = (counts[tag] / total + weight * before[tag]) / (1 + weight);
    }
  }

  /// "ation" without its first letter; behind the shape, which stands first.
  static std::string shorter(const std::string& ending) {
    if (ending.size() == 1) return "";
    std::size_t second = 2;
    while (second < ending.size() && (static_cast<unsigned char>(ending[second]) & 0xC0) == 0x80) ++second;
    return ending[0] + ending.substr(second);
  }

  Index longest_;
  NamedRows probabilities_;
};

void expect_options(const TaggerOptions& options) {
  if (options.order < 0 || options.order > 2) {
    throw UsageError(fmt::format("the order of the tags must be 0, 1 or 2, not {}", options.order));
  }
  if (options.ending < 0 || options.rare < 1) {
    throw UsageError("an ending has 0 letters or more, a rare word occurs once or more");
  }
}

}  // namespace

HiddenMarkov count_tagger(std::span<const std::vector<std::string>> sentences,
                          std::span<const std::vector<std::int32_t>> tags, Index tag_count,
                          const TaggerOptions& options) {
  expect_options(options);
  if (sentences.size() != tags.size()) throw ContractError("there must be tags for each sentence");
  const NamedRows counts = count_words(sentences, tags, tag_count);
  std::vector<double> prior = count_tags(counts);
  const double total = sum(prior);
  if (total == 0) throw InputError("no word has a tag: expected tagged sentences to count");
  for (double& p : prior) p /= total;

  // By Bayes' rule p(w | t) = p(t | w) p(w) / p(t); p(w) is the same for all tags.
  Endings endings(counts, options, prior);
  const auto likelihood = [&](double p, std::size_t tag) { return prior[tag] > 0 ? p / prior[tag] : 0; };
  HiddenMarkov::Tables tables{.tags = tag_count,
                              .order = std::max(options.order, 1),
                              .transitions = interpolated_transitions(tags, tag_count, options.order),
                              .words = NamedRows(tag_count),
                              .endings = NamedRows(tag_count)};
  for (const std::string& word : counts.names()) {
    const std::span<const double> of_word = counts.find(word);
    const std::span<const double> of_ending = endings.of(word);
    const std::span<double> row = tables.words.row(word);
    const double occurrences = sum(of_word);
    for (std::size_t tag = 0; tag < row.size(); ++tag) {
      row[tag] = likelihood((of_word[tag] + of_ending[tag]) / (occurrences + 1), tag) * occurrences / total;
    }
  }
  for (const std::string& ending : endings.probabilities().names()) {
    const std::span<const double> of_ending = endings.probabilities().find(ending);
    const std::span<double> row = tables.endings.row(ending);
    for (std::size_t tag = 0; tag < row.size(); ++tag) row[tag] = likelihood(of_ending[tag], tag);
  }
  return HiddenMarkov(std::move(tables));
}

}  // namespace unfold
