// A regular expression held against a text that is written token by token.
#pragma once

#include <limits>
#include <map>
#include <optional>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

#include "generate/regex/automaton.h"
#include "generate/token_texts.h"
#include "generate/token_trie.h"

namespace unfold {

class Constraint {
 public:
  /// Where a text stands, as a value: a copy is a fork.
  struct Position {
    regex::Automaton::State state;
    Spacing spacing;
    auto operator<=>(const Position&) const = default;
  };
  static constexpr Index kNever = std::numeric_limits<Index>::max();

  /// `end`: the token that ends a text, which is no part of it. `texts` outlives the constraint. Throws UsageError for
  /// an expression that cannot be read.
  Constraint(std::string_view expression, const TokenTexts& texts, Level level, std::optional<std::int32_t> end);

  /// Before the first token of a text that follows `before`.
  Position begin(std::optional<std::int32_t> before) const { return {automaton_.start(), texts_.after(before)}; }
  Position after(Position position, std::int32_t token);
  /// True where the text matches as it is.
  bool accepts(Position position) const { return automaton_.accepts(position.state); }
  /// The least number of tokens that complete a match; 0 where it is one, kNever where there is none.
  Index distance(Position position);

  /// True where the text matches and cannot do so with 1 to `remaining` tokens more: it ends, there is no choice.
  bool must_end(Position position, Index remaining) {
    return accepts(position) && moves(position).least_distance >= remaining;
  }

  /// Leaves the tokens after which a match can still be completed by `remaining` tokens, this one included; the others
  /// get log p = -infinity. `choices` [V + 1] are log-probabilities, the last one that of ending here: where the text
  /// matches it becomes the probability of everything that was taken away, else none.
  void restrict(Position position, Index remaining, std::span<float> choices);

 private:
  using State = regex::Automaton::State;

  struct Move {
    State state = regex::Automaton::kDead;
    Index distance = kNever;  // from there
  };
  /// Where the tokens lead.
  struct Moves {
    std::vector<Move> by_token;
    Index least_distance = kNever;  // after one of them
  };
  const Moves& moves(Position position);
  /// Where tokens can lead from one position of the automaton alone, without repetition.
  std::vector<Position> reachable(State from, Spacing spacing);
  void measure_distances();
  std::size_t place(regex::Automaton::Position position, Spacing spacing) const;

  const TokenTexts& texts_;
  regex::Automaton automaton_;
  std::vector<TokenTrie> tries_;     // by spacing
  std::map<Position, Moves> moves_;  // as far as they were needed
  std::vector<Index> distances_;     // by place
};

}  // namespace unfold
