#include "models/configuration.h"

#include <fmt/core.h>

#include <nlohmann/json.hpp>

#include "models/options_json.h"
#include "unfold/error.h"

namespace unfold {

namespace {

using nlohmann::json;

json to_json(const OutputOptions& output) {
  return {
      {"adaptive", output.kind == OutputOptions::Kind::kAdaptive}, {"cutoffs", output.cutoffs}, {"tied", output.tied}};
}

OutputOptions output_from_json(const json& value) {
  return {.kind = value.at("adaptive").get<bool>() ? OutputOptions::Kind::kAdaptive : OutputOptions::Kind::kFull,
          .cutoffs = value.at("cutoffs").get<std::vector<Index>>(),
          .tied = value.at("tied").get<bool>()};
}

json to_json(const PenaltyOptions& penalties) {
  return {{"label_smoothing", penalties.label_smoothing},
          {"activation", penalties.activation},
          {"temporal_activation", penalties.temporal_activation}};
}

PenaltyOptions penalties_from_json(const json& value) {
  return {.label_smoothing = value.at("label_smoothing").get<double>(),
          .activation = value.at("activation").get<double>(),
          .temporal_activation = value.at("temporal_activation").get<double>()};
}

}  // namespace

void store_configuration(const LanguageModelOptions& options, TensorFile& file) {
  json configuration = {{"hidden", options.hidden},
                        {"embed", options.embed},
                        {"skip", options.skip},
                        {"residual", options.residual},
                        {"output", to_json(options.output)},
                        {"dropout", to_json(options.dropout)},
                        {"penalties", to_json(options.penalties)},
                        {"initialisation", to_json(options.initialisation)},
                        {"seed", options.seed},
                        {"batch", options.batch},
                        {"steps", options.steps}};
  configuration["rewrites"] = to_json(options.rewrites);
  file.metadata["configuration"] = configuration.dump();
  store_cell(options.cell, file);
}

LanguageModelOptions read_configuration(const TensorFile& file) {
  try {
    const json configuration = json::parse(file.text("configuration"));
    LanguageModelOptions options{.cell = read_cell(file)};
    options.hidden = configuration.at("hidden").get<std::vector<Index>>();
    options.embed = configuration.at("embed").get<Index>();
    options.skip = configuration.at("skip").get<bool>();
    options.residual = configuration.at("residual").get<bool>();
    options.output = output_from_json(configuration.at("output"));
    options.dropout = around_from_json(configuration.at("dropout"));
    options.penalties = penalties_from_json(configuration.at("penalties"));
    options.initialisation = initialisation_from_json(configuration.at("initialisation"));
    options.seed = configuration.at("seed").get<std::uint64_t>();
    options.batch = configuration.at("batch").get<Index>();
    options.steps = configuration.at("steps").get<Index>();
    options.rewrites = rewrites_from_json(configuration.at("rewrites"));
    return options;
  } catch (const json::exception& error) {
    throw InputError(fmt::format("{}: the metadata 'configuration' cannot be read: {}", file.path, error.what()));
  }
}

}  // namespace unfold
