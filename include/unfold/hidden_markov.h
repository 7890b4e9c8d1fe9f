// Hidden Markov models of words and tags: what taggers that learn are compared with.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "unfold/named_rows.h"
#include "unfold/tensor.h"

namespace unfold {

struct Chain;

/// A hidden Markov model: words w_1 ... w_T and tags t_1 ... t_T with
///
///   p(w, t) = prod_i p(t_i | t_{i-1}, t_{i-2}) p(w_i | t_i) . p(end | t_T, t_{T-1})
///
/// of order 2; p(t_i | t_{i-1}) of order 1. Tags are numbers, 0 to K - 1.
class HiddenMarkov {
 public:
  struct Tables {
    Index tags = 0;  // K
    int order = 1;
    /// p(next | before): order 1 [K + 1, K + 1], order 2 [K + 1, K + 1, K + 1] with the older tag first. Number K is
    /// the start before and the end behind.
    std::vector<double> transitions;
    NamedRows words;  // p(w | t), up to a factor that depends on w alone
    /// p(t | ending) / p(t) of the endings of rare words, for words that are not known; see word_endings. The one of
    /// no letters is "".
    NamedRows endings;
    bool operator==(const Tables&) const = default;
  };

  /// Throws InputError for tables that do not belong together.
  explicit HiddenMarkov(Tables tables);

  Index tags() const { return tables_.tags; }
  const Tables& tables() const { return tables_; }
  bool knows(std::string_view word) const { return !tables_.words.find(word).empty(); }

  /// log p(w), the sum over all tags, by the forward algorithm; where words are unknown, up to their own probability.
  double log_probability(std::span<const std::string> words) const;
  /// The most probable tags together (Viterbi 1967).
  std::vector<std::int32_t> viterbi(std::span<const std::string> words) const;
  /// [T, K] p(t_i | w) of each step, by the forward-backward algorithm (Rabiner 1989): rows sum to 1.
  std::vector<double> posteriors(std::span<const std::string> words) const;
  // All three throw InputError where the model gives the words the probability 0.

 private:
  std::vector<double> emissions(std::span<const std::string> words) const;

  Tables tables_;
  std::shared_ptr<const Chain> chain_;  // of the transitions
};

struct TaggerOptions {
  /// Tags before that a tag depends on: 0, 1 or 2. With 0 and no endings every word gets its most frequent tag.
  int order = 2;
  /// Letters of the longest ending that tells a word's tag.
  Index ending = 5;
  /// Words that occur at most this often tell what unknown words are like.
  Index rare = 10;
};

/// Counts tagged sentences, as TnT does (Brants 2000): transitions are interpolated with shorter histories, weights by
/// deleted interpolation; tags of unknown words come from their endings, successively abstracted; and so that no tag is
/// impossible for a known word, its counts are joined by one occurrence with the tags of its endings. Steps without a
/// tag (below 0) interrupt the history. Throws InputError where no step has a tag, UsageError for options out of range,
/// ContractError where the lengths do not agree.
HiddenMarkov count_tagger(std::span<const std::vector<std::string>> sentences,
                          std::span<const std::vector<std::int32_t>> tags, Index tag_count,
                          const TaggerOptions& options = {});

struct BaumWelchOptions {
  Index states = 10;
  Index iterations = 30;
  /// Words that occur less often are one word, the unknown one.
  Index min_count = 2;
  std::uint64_t seed = 1;
};

struct BaumWelchResult {
  HiddenMarkov model;
  /// log p of all sentences before each iteration and after the last one: it never falls.
  std::vector<double> log_probabilities;
};

/// Learns a model of order 1 from sentences without tags (Baum et al. 1970): expectation and maximisation, from a
/// random start. Throws InputError where there is no word, UsageError for options below 1.
BaumWelchResult learn_states(std::span<const std::vector<std::string>> sentences, const BaumWelchOptions& options = {});

}  // namespace unfold
