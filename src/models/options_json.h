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

/// The members that the options of all networks over sequences have, whatever they predict. Into and out of JSON.
template <class Options>
nlohmann::json network_to_json(const Options& options) {
  return {{"hidden", options.hidden},
          {"skip", options.skip},
          {"residual", options.residual},
          {"rewrites", to_json(options.rewrites)},
          {"dropout", to_json(options.dropout)},
          {"label_smoothing", options.label_smoothing},
          {"initialisation", to_json(options.initialisation)},
          {"seed", options.seed},
          {"batch", options.batch},
          {"steps", options.steps}};
}

template <class Options>
void network_from_json(const nlohmann::json& value, Options& options) {
  options.hidden = value.at("hidden").get<std::vector<Index>>();
  options.skip = value.at("skip").get<bool>();
  options.residual = value.at("residual").get<bool>();
  options.rewrites = rewrites_from_json(value.at("rewrites"));
  options.dropout = around_from_json(value.at("dropout"));
  options.label_smoothing = value.at("label_smoothing").get<double>();
  options.initialisation = initialisation_from_json(value.at("initialisation"));
  options.seed = value.at("seed").get<std::uint64_t>();
  options.batch = value.at("batch").get<Index>();
  options.steps = value.at("steps").get<Index>();
}

/// The key "cell" of a file's metadata: the text of the equations and the options chosen. Reading throws InputError
/// where it is missing or not what store_cell wrote.
void store_cell(const Cell& cell, TensorFile& file);
Cell read_cell(const TensorFile& file);

}  // namespace unfold
