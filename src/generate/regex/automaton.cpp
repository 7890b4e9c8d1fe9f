#include "generate/regex/automaton.h"

#include <algorithm>
#include <utility>

#include "generate/regex/parse.h"
#include "unfold/error.h"

namespace unfold::regex {

namespace {

/// Nodes visited and pairs of positions that follow each other: what an expression costs before the first byte is read.
constexpr std::size_t kMostWork = 5'000'000;
constexpr Automaton::State kUnknown = -2;  // a transition that nobody took yet

std::size_t at(std::int32_t number) { return static_cast<std::size_t>(number); }

void append(std::vector<Automaton::Position>& to, const std::vector<Automaton::Position>& from) {
  to.insert(to.end(), from.begin(), from.end());
}

void sort_unique(std::vector<Automaton::Position>& positions) {
  std::sort(positions.begin(), positions.end());
  positions.erase(std::unique(positions.begin(), positions.end()), positions.end());
}

}  // namespace

Automaton::Automaton(std::string_view expression, Alphabet alphabet) : bytes_(1), follow_(1) {
  const Part whole = add(parse(expression, alphabet));
  follow_[0] = whole.first;
  final_.assign(bytes_.size(), false);
  final_[0] = whole.nullable;
  for (const Position last : whole.last) final_[at(last)] = true;
  for (std::vector<Position>& after : follow_) sort_unique(after);
  find_alike();
  start_ = number({0});
}

/// What was read before a position no longer matters there: the last bytes of the many encodings of `.`, for example.
void Automaton::find_alike() {
  std::map<std::pair<std::vector<Position>, bool>, Position> first;
  for (Position position = 0; position < position_count(); ++position) {
    const auto found = first.try_emplace({follow_[at(position)], final_[at(position)]}, position).first;
    like_.push_back(found->second);
  }
}

void Automaton::spend(std::size_t work) {
  spent_ += work;
  if (spent_ > kMostWork) throw UsageError("the expression is too large: too many repetitions within repetitions");
}

Automaton::Part Automaton::add(const Node& node) {
  spend(1);
  switch (node.kind) {
    case Node::Kind::kBytes: {
      const auto position = static_cast<Position>(bytes_.size());
      bytes_.push_back(node.bytes);
      follow_.emplace_back();
      return {false, {position}, {position}};
    }
    case Node::Kind::kSequence: {
      Part whole;
      for (const Node& child : node.children) whole = join(std::move(whole), add(child));
      return whole;
    }
    case Node::Kind::kChoice: {
      Part whole{.nullable = false};
      for (const Node& child : node.children) {
        const Part part = add(child);
        whole.nullable = whole.nullable || part.nullable;
        append(whole.first, part.first);
        append(whole.last, part.last);
      }
      return whole;
    }
    case Node::Kind::kRepeat: return add_repeat(node);
  }
  return {};
}

/// x{2,4} as x x (x (x)?)?, x{2,} as x x+, x* as (x+)?.
Automaton::Part Automaton::add_repeat(const Node& node) {
  const Node& child = node.children.front();
  Part whole;
  const bool unbounded = node.most == kUnbounded;
  for (int i = unbounded ? 1 : 0; i < node.least; ++i) whole = join(std::move(whole), add(child));
  Part rest;
  if (unbounded) {
    rest = add(child);
    let_follow(rest.last, rest.first);
    rest.nullable = rest.nullable || node.least == 0;
  }
  for (int i = node.least; i < node.most; ++i) {
    rest = join(add(child), rest);
    rest.nullable = true;
  }
  return join(std::move(whole), rest);
}

Automaton::Part Automaton::join(Part before, const Part& after) {
  let_follow(before.last, after.first);
  if (before.nullable) append(before.first, after.first);
  if (!after.nullable) before.last.clear();
  append(before.last, after.last);
  before.nullable = before.nullable && after.nullable;
  return before;
}

void Automaton::let_follow(const std::vector<Position>& before, const std::vector<Position>& after) {
  spend(before.size() * after.size());
  for (const Position position : before) append(follow_[at(position)], after);
}

Automaton::State Automaton::number(std::vector<Position> positions) {
  if (positions.empty()) return kDead;
  const auto [found, is_new] = numbers_.try_emplace(std::move(positions), static_cast<State>(sets_.size()));
  if (is_new) {
    sets_.push_back(found->first);
    next_.emplace_back().fill(kUnknown);
  }
  return found->second;
}

Automaton::State Automaton::next(State state, unsigned char byte) {
  if (state == kDead) return kDead;
  const State known = next_[at(state)][byte];
  if (known != kUnknown) return known;
  std::vector<Position> reached;
  for (const Position position : positions(state)) {
    for (const Position after : follow_[at(position)]) {
      if (bytes_[at(after)].test(byte)) reached.push_back(like_[at(after)]);
    }
  }
  sort_unique(reached);
  const State result = number(std::move(reached));
  next_[at(state)][byte] = result;
  return result;
}

bool Automaton::accepts(State state) const {
  if (state == kDead) return false;
  const std::span<const Position> set = positions(state);
  return std::any_of(set.begin(), set.end(), [this](Position position) { return final_[at(position)]; });
}

}  // namespace unfold::regex
