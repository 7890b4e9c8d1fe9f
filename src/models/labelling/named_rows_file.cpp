#include "models/labelling/named_rows_file.h"

#include <fmt/core.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "unfold/error.h"

namespace unfold {

using nlohmann::json;

void store_names(const std::string& key, std::span<const std::string> names, TensorFile& file) {
  try {
    file.metadata[key] = json(std::vector<std::string>(names.begin(), names.end())).dump(-1, ' ', true);
  } catch (const json::exception&) {
    throw InputError(fmt::format("the {} of the model are not all UTF-8, so they cannot be stored", key));
  }
}

std::vector<std::string> read_names(const std::string& key, const TensorFile& file) {
  try {
    return json::parse(file.text(key)).get<std::vector<std::string>>();
  } catch (const json::exception& error) {
    throw InputError(fmt::format("{}: the metadata '{}' cannot be read: {}", file.path, key, error.what()));
  }
}

void store_rows(const std::string& name, const NamedRows& rows, TensorFile& file) {
  store_names(name, rows.names(), file);
  file.tensors[name] = StoredTensor::of(rows.values());
}

NamedRows take_rows(const std::string& name, Index width, TensorFile& file) {
  const std::vector<std::string> names = read_names(name, file);
  const std::vector<double> values = file.take_doubles(name, static_cast<Index>(names.size()) * width);
  NamedRows rows(width);
  for (std::size_t i = 0; i < names.size(); ++i) {
    if (!rows.find(names[i]).empty())
      throw InputError(fmt::format("{}: '{}' is twice in {}", file.path, names[i], name));
    std::copy_n(values.begin() + static_cast<Index>(i) * width, width, rows.row(names[i]).begin());
  }
  return rows;
}

}  // namespace unfold
