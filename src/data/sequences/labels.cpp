#include "unfold/labels.h"

#include <fmt/core.h>

#include "unfold/error.h"

namespace unfold {

Labels::Labels(std::span<const std::string> names) {
  for (const std::string& name : names) {
    if (find(name)) throw ContractError(fmt::format("the label '{}' stands twice in the list", name));
    add(name);
  }
}

std::int32_t Labels::add(std::string_view name) {
  if (const auto known = find(name)) return *known;
  const auto id = static_cast<std::int32_t>(names_.size());
  names_.emplace_back(name);
  ids_.emplace(name, id);
  return id;
}

std::optional<std::int32_t> Labels::find(std::string_view name) const {
  const auto found = ids_.find(name);
  return found == ids_.end() ? std::nullopt : std::optional(found->second);
}

const std::string& Labels::name(std::int32_t id) const {
  if (id < 0 || id >= size()) {
    throw ContractError(fmt::format("there is no label {}: expected 0 <= label < {}", id, size()));
  }
  return names_[static_cast<std::size_t>(id)];
}

}  // namespace unfold
