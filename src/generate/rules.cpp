#include "generate/rules.h"

#include <fmt/core.h>

#include <algorithm>

#include "generate/start.h"
#include "unfold/error.h"

namespace unfold {

namespace {

constexpr float kImpossible = -std::numeric_limits<float>::infinity();

}  // namespace

Rules::Rules(const Vocabulary& vocabulary, const std::string& match)
    : match_(match), texts_(vocabulary), end_(boundary_token(vocabulary)) {
  if (!match.empty()) constraint_.emplace(match, texts_, vocabulary.level(), end_);
}

Rules::Position Rules::begin(std::optional<std::int32_t> before, Index length) {
  if (!constraint_) return {0, texts_.after(before)};
  const Position position = constraint_->begin(before);
  const Index distance = constraint_->distance(position);
  if (distance == Constraint::kNever) {
    throw UsageError(fmt::format("no text of the model's {} symbols matches '{}'", texts_.size(), match_));
  }
  if (distance > length) {
    throw UsageError(
        fmt::format("the shortest text that matches '{}' has {} tokens; --length allows {}", match_, distance, length));
  }
  return position;
}

Rules::Position Rules::after(Position position, std::int32_t token) {
  return constraint_ ? constraint_->after(position, token) : Position{0, texts_.after(token)};
}

bool Rules::must_end(Position position, Index remaining) {
  return remaining == 0 || (constraint_ && constraint_->must_end(position, remaining));
}

std::vector<float> Rules::choices(std::span<const float> log_probabilities, Position position, Index remaining) {
  std::vector<float> result(log_probabilities.size() + 1, kImpossible);
  std::ranges::copy(log_probabilities, result.begin());
  if (end_) std::swap(result[static_cast<std::size_t>(*end_)], result.back());
  if (constraint_) constraint_->restrict(position, remaining, result);
  return result;
}

}  // namespace unfold
