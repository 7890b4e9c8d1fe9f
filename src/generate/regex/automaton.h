// A regular expression as an automaton that reads a text byte by byte.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <span>
#include <string_view>
#include <vector>

#include "generate/regex/characters.h"
#include "generate/regex/syntax.h"

namespace unfold::regex {

/// The position automaton of the expression (Glushkov 1961): it has one position for every byte that the expression
/// mentions and one for the beginning; after a text it is at the positions of the bytes that may have been read last.
/// Sets of positions become numbered states when they are first met, so that an expression with exponentially many
/// costs only those that texts lead to.
class Automaton {
 public:
  using State = std::int32_t;
  using Position = std::int32_t;
  /// The state of no position: no text that begins like this matches.
  static constexpr State kDead = -1;

  /// Throws UsageError where the expression cannot be read or is too large.
  Automaton(std::string_view expression, Alphabet alphabet);

  State start() const { return start_; }
  State next(State state, unsigned char byte);
  /// True where the text read so far matches.
  bool accepts(State state) const;

  /// The positions of a state, and the state of one position alone. Whatever a state can do, one of its positions can.
  std::span<const Position> positions(State state) const { return sets_[static_cast<std::size_t>(state)]; }
  Position position_count() const { return static_cast<Position>(bytes_.size()); }
  /// True for the position that stands for all which go on alike; states hold no others.
  bool is_representative(Position position) const { return like_[static_cast<std::size_t>(position)] == position; }
  State alone(Position position) { return number({position}); }

 private:
  /// Of a part of the expression: the positions it can begin and end with, and whether it matches the empty text.
  struct Part {
    bool nullable = true;
    std::vector<Position> first = {};
    std::vector<Position> last = {};
  };
  Part add(const Node& node);
  Part add_repeat(const Node& node);
  Part join(Part before, const Part& after);
  void let_follow(const std::vector<Position>& before, const std::vector<Position>& after);
  void spend(std::size_t work);
  void find_alike();
  State number(std::vector<Position> positions);

  std::size_t spent_ = 0;  // on building: bounds time and memory for any expression
  // By position; position 0 is the beginning, which no byte leads to.
  std::vector<ByteSet> bytes_;
  std::vector<std::vector<Position>> follow_;
  std::vector<bool> final_;
  std::vector<Position> like_;  // the first position with the same ones after it, and as final
  // By state.
  std::vector<std::vector<Position>> sets_;
  std::vector<std::array<State, 256>> next_;
  std::map<std::vector<Position>, State> numbers_;
  State start_ = kDead;
};

}  // namespace unfold::regex
