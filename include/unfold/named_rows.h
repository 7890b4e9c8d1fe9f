// Tables of counts and probabilities whose rows have names: words, endings, features.
#pragma once

#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "unfold/tensor.h"

namespace unfold {

/// Rows of K numbers under names.
class NamedRows {
 public:
  NamedRows() = default;
  explicit NamedRows(Index width) : width_(width) {}

  Index width() const { return width_; }
  const std::vector<std::string>& names() const { return names_; }
  const std::vector<double>& values() const { return values_; }  // [rows, K]
  /// The row of a name; empty where there is none.
  std::span<const double> find(std::string_view name) const;
  /// The row of a name, a new one of zeros for a new name.
  std::span<double> row(std::string_view name);

  bool operator==(const NamedRows& other) const {
    return width_ == other.width_ && names_ == other.names_ && values_ == other.values_;
  }

 private:
  struct TextHash {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const { return std::hash<std::string_view>{}(text); }
  };

  Index width_ = 0;
  std::vector<std::string> names_;
  std::vector<double> values_;
  std::unordered_map<std::string, std::size_t, TextHash, std::equal_to<>> rows_;
};

}  // namespace unfold
