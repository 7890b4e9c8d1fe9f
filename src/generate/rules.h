// What may be written next, with which probability, and the text of it: tokens, the end, an expression to match.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "generate/constraint.h"
#include "generate/token_texts.h"
#include "unfold/data.h"

namespace unfold {

class Rules {
 public:
  /// `match` as in GenerateOptions. Throws UsageError for an expression that cannot be read.
  Rules(const Vocabulary& vocabulary, const std::string& match);
  Rules(const Rules&) = delete;
  Rules& operator=(const Rules&) = delete;

  /// Where a text stands, as a value.
  using Position = Constraint::Position;

  /// Before the first token of a text that follows `before` and may have `length` tokens. Throws UsageError where no
  /// such text matches.
  Position begin(std::optional<std::int32_t> before, Index length);
  Position after(Position position, std::int32_t token);
  /// True where nothing can follow, `remaining` tokens being left.
  bool must_end(Position position, Index remaining);
  const std::string& text(Position position, std::int32_t token) const { return texts_.text(position.spacing, token); }

  /// V + 1 ways on from log p [V], the last of them the end: their log-probabilities, -infinity where a way is closed.
  /// `remaining` tokens may be written, this one included.
  std::vector<float> choices(std::span<const float> log_probabilities, Position position, Index remaining);
  bool is_end(std::int32_t choice) const { return choice == texts_.size(); }
  /// The token that is an end, where the model has one.
  std::optional<std::int32_t> end_token() const { return end_; }
  /// Whether the end may be chosen though no token stands for it: where an expression is matched.
  bool may_end_without_token() const { return constraint_ && !end_; }

 private:
  std::string match_;
  TokenTexts texts_;
  std::optional<std::int32_t> end_;
  std::optional<Constraint> constraint_;
};

}  // namespace unfold
