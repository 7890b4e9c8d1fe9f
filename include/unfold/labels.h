// The names that sequences and their steps are labelled with, and their ids.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "unfold/tensor.h"

namespace unfold {

/// Names and their ids, 0 to size() - 1, in the order in which they were added.
class Labels {
 public:
  Labels() = default;
  /// Throws ContractError for a name that stands there twice.
  explicit Labels(std::span<const std::string> names);

  /// What stands where a sequence or a step has no label.
  static constexpr std::int32_t kNone = -1;

  /// The id of a name, which is added unless it is known.
  std::int32_t add(std::string_view name);
  std::optional<std::int32_t> find(std::string_view name) const;
  /// Throws ContractError for an id out of range.
  const std::string& name(std::int32_t id) const;
  std::span<const std::string> names() const { return names_; }
  Index size() const { return static_cast<Index>(names_.size()); }

  bool operator==(const Labels& other) const { return names_ == other.names_; }

 private:
  struct TextHash {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const { return std::hash<std::string_view>{}(text); }
  };

  std::vector<std::string> names_;
  std::unordered_map<std::string, std::int32_t, TextHash, std::equal_to<>> ids_;
};

}  // namespace unfold
