// Options that networks of all kinds have, as JSON of their files' metadata and back. Reading throws nlohmann's
// exceptions where a member is missing or of another type.
#pragma once

#include <nlohmann/json.hpp>
#include <vector>

#include "models/safetensors.h"
#include "unfold/layers.h"

namespace unfold {

nlohmann::json to_json(const Dropout& dropout);
Dropout dropout_from_json(const nlohmann::json& value);

nlohmann::json to_json(const DropoutOptions& dropout);
DropoutOptions around_from_json(const nlohmann::json& value);

nlohmann::json to_json(const Initialisation& initialisation);
Initialisation initialisation_from_json(const nlohmann::json& value);

nlohmann::json to_json(const std::vector<Rewrite>& rewrites);
/// Throws InputError for a kind that does not exist.
std::vector<Rewrite> rewrites_from_json(const nlohmann::json& value);

/// The key "cell" of a file's metadata: the text of the equations and the options chosen. Reading throws InputError
/// where it is missing or not what store_cell wrote.
void store_cell(const Cell& cell, TensorFile& file);
Cell read_cell(const TensorFile& file);

}  // namespace unfold
