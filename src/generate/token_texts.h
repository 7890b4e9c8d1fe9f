// What every token of a vocabulary adds to a text, which at word level depends on the token before it.
#pragma once

#include <array>
#include <optional>
#include <string>
#include <vector>

#include "unfold/data.h"

namespace unfold {

/// Whether the next token stands close to what was written, as at a line's beginning, or is set apart by a space.
enum class Spacing : std::uint8_t { kClose, kApart };

class TokenTexts {
 public:
  explicit TokenTexts(const Vocabulary& vocabulary);

  /// The spacing after a token; at the beginning of a text words stand close.
  Spacing after(std::optional<std::int32_t> token) const;
  /// What `token` adds to the text.
  const std::string& text(Spacing spacing, std::int32_t token) const;
  Index size() const { return static_cast<Index>(after_.size()); }
  /// True where spacing makes a difference.
  bool is_spaced() const { return !apart_.empty(); }

 private:
  std::vector<std::string> close_;
  std::vector<std::string> apart_;  // empty where it would be the same
  std::vector<Spacing> after_;
};

}  // namespace unfold
