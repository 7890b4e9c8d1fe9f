#include "generate/constraint.h"

#include <algorithm>
#include <cmath>
#include <queue>
#include <set>

namespace unfold {

namespace {

using regex::Alphabet;
using regex::Automaton;

constexpr float kImpossible = -std::numeric_limits<float>::infinity();

/// log of the sum of exp(values), of which there is one at least.
float log_sum(const std::vector<float>& values) {
  const float largest = *std::max_element(values.begin(), values.end());
  if (!(largest > kImpossible)) return kImpossible;
  double sum = 0;
  for (const float value : values) sum += std::exp(static_cast<double>(value) - largest);
  return static_cast<float>(largest + std::log(sum));
}

}  // namespace

Constraint::Constraint(std::string_view expression, const TokenTexts& texts, Level level,
                       std::optional<std::int32_t> end)
    : texts_(texts), automaton_(expression, level == Level::kByte ? Alphabet::kBytes : Alphabet::kCodePoints) {
  for (const Spacing spacing : {Spacing::kClose, Spacing::kApart}) {
    TokenTrie& trie = tries_.emplace_back();
    for (std::int32_t token = 0; token < texts.size(); ++token) {
      if (token != end) trie.add(texts.text(spacing, token), token);
    }
    if (!texts.is_spaced()) break;
  }
  measure_distances();
}

std::size_t Constraint::place(Automaton::Position position, Spacing spacing) const {
  return static_cast<std::size_t>(position) * tries_.size() +
         (tries_.size() > 1 ? static_cast<std::size_t>(spacing) : 0);
}

std::vector<Constraint::Position> Constraint::reachable(State from, Spacing spacing) {
  std::set<Position> found;
  const TokenTrie& trie = tries_[place(0, spacing)];
  trie.walk(automaton_, from, [&](std::int32_t token, State state) { found.insert({state, texts_.after(token)}); });
  return {found.begin(), found.end()};
}

/// Breadth first from the accepting positions backwards, over places joined by tokens.
void Constraint::measure_distances() {
  const std::size_t places = place(automaton_.position_count(), Spacing::kClose);
  std::vector<std::vector<std::size_t>> before(places);
  std::queue<std::size_t> next;
  distances_.assign(places, kNever);
  for (Automaton::Position position = 0; position < automaton_.position_count(); ++position) {
    if (!automaton_.is_representative(position)) continue;
    const State alone = automaton_.alone(position);
    for (std::size_t trie = 0; trie < tries_.size(); ++trie) {
      const auto spacing = static_cast<Spacing>(trie);
      const std::size_t here = place(position, spacing);
      if (automaton_.accepts(alone)) {
        distances_[here] = 0;
        next.push(here);
      }
      for (const Position& reached : reachable(alone, spacing)) {
        for (const Automaton::Position p : automaton_.positions(reached.state)) {
          before[place(p, reached.spacing)].push_back(here);
        }
      }
    }
  }
  for (; !next.empty(); next.pop()) {
    for (const std::size_t from : before[next.front()]) {
      if (distances_[from] != kNever) continue;
      distances_[from] = distances_[next.front()] + 1;
      next.push(from);
    }
  }
}

Index Constraint::distance(Position position) {
  Index least = kNever;
  if (position.state == Automaton::kDead) return least;
  for (const Automaton::Position p : automaton_.positions(position.state)) {
    least = std::min(least, distances_[place(p, position.spacing)]);
  }
  return least;
}

const Constraint::Moves& Constraint::moves(Position position) {
  // 64 MB at most; they are found again.
  constexpr Index kRemembered = Index{1} << 22;
  if (static_cast<Index>(moves_.size()) * texts_.size() > kRemembered) moves_.clear();
  const auto [found, is_new] = moves_.try_emplace(position);
  if (is_new) {
    Moves& moves = found->second;
    moves.by_token.resize(static_cast<std::size_t>(texts_.size()));
    tries_[place(0, position.spacing)].walk(automaton_, position.state, [&](std::int32_t token, State state) {
      const Index needed = distance({state, texts_.after(token)});
      moves.by_token[static_cast<std::size_t>(token)] = {state, needed};
      moves.least_distance = std::min(moves.least_distance, needed);
    });
  }
  return found->second;
}

Constraint::Position Constraint::after(Position position, std::int32_t token) {
  return {moves(position).by_token.at(static_cast<std::size_t>(token)).state, texts_.after(token)};
}

void Constraint::restrict(Position position, Index remaining, std::span<float> choices) {
  const std::vector<Move>& next = moves(position).by_token;
  std::vector<float> taken = {choices.back()};  // the model's own end
  for (std::size_t token = 0; token < next.size(); ++token) {
    if (next[token].distance < remaining) continue;
    taken.push_back(choices[token]);
    choices[token] = kImpossible;
  }
  choices.back() = accepts(position) ? log_sum(taken) : kImpossible;
}

}  // namespace unfold
