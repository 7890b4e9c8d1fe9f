#include "unfold/named_rows.h"

namespace unfold {

std::span<const double> NamedRows::find(std::string_view name) const {
  const auto found = rows_.find(name);
  if (found == rows_.end()) return {};
  const auto width = static_cast<std::size_t>(width_);
  return std::span(values_).subspan(found->second * width, width);
}

std::span<double> NamedRows::row(std::string_view name) {
  const auto width = static_cast<std::size_t>(width_);
  auto found = rows_.find(name);
  if (found == rows_.end()) {
    found = rows_.emplace(name, names_.size()).first;
    names_.emplace_back(name);
    values_.resize(values_.size() + width);
  }
  return std::span(values_).subspan(found->second * width, width);
}

}  // namespace unfold
