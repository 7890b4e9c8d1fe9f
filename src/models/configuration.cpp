#include "models/configuration.h"

#include <fmt/core.h>

#include <array>
#include <nlohmann/json.hpp>
#include <utility>

#include "unfold/error.h"

namespace unfold {

namespace {

using nlohmann::json;

constexpr std::array<std::pair<Rewrite::Kind, const char*>, 6> kRewriteNames = {{
    {Rewrite::Kind::kTeacherForcing, "teacher_forcing"},
    {Rewrite::Kind::kNaiveDropout, "naive_dropout"},
    {Rewrite::Kind::kVariationalDropout, "variational_dropout"},
    {Rewrite::Kind::kZoneout, "zoneout"},
    {Rewrite::Kind::kWeightDrop, "weight_drop"},
    {Rewrite::Kind::kMessageClip, "message_clip"},
}};

json rewrite_to_json(const Rewrite& rewrite) {
  for (const auto& [kind, name] : kRewriteNames) {
    if (kind != rewrite.kind) continue;
    return {{"kind", name}, {"state", rewrite.state}, {"rate", rewrite.rate}, {"bound", rewrite.bound}};
  }
  throw ContractError("a rewrite of unknown kind");
}

Rewrite rewrite_from_json(const json& value) {
  for (const auto& [kind, name] : kRewriteNames) {
    if (value.at("kind") != name) continue;
    return {kind, value.at("state").get<std::string>(), value.at("rate").get<double>(),
            value.at("bound").get<double>()};
  }
  throw InputError(fmt::format("unknown rewrite {}", value.at("kind").dump()));
}

json to_json(const Dropout& dropout) {
  return {{"rate", dropout.rate}, {"every_step", dropout.mask == Dropout::Mask::kEveryStep}};
}

Dropout dropout_from_json(const json& value) {
  return {.mask = value.at("every_step").get<bool>() ? Dropout::Mask::kEveryStep : Dropout::Mask::kEverySequence,
          .rate = value.at("rate").get<double>()};
}

json to_json(const OutputOptions& output) {
  return {
      {"adaptive", output.kind == OutputOptions::Kind::kAdaptive}, {"cutoffs", output.cutoffs}, {"tied", output.tied}};
}

OutputOptions output_from_json(const json& value) {
  return {.kind = value.at("adaptive").get<bool>() ? OutputOptions::Kind::kAdaptive : OutputOptions::Kind::kFull,
          .cutoffs = value.at("cutoffs").get<std::vector<Index>>(),
          .tied = value.at("tied").get<bool>()};
}

json to_json(const DropoutOptions& dropout) {
  return {{"words", dropout.words},
          {"input", to_json(dropout.input)},
          {"between", to_json(dropout.between)},
          {"output", to_json(dropout.output)}};
}

DropoutOptions around_from_json(const json& value) {
  return {.words = value.at("words").get<double>(),
          .input = dropout_from_json(value.at("input")),
          .between = dropout_from_json(value.at("between")),
          .output = dropout_from_json(value.at("output"))};
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

json to_json(const Initialisation& initialisation) {
  const std::optional<double>& bias = initialisation.forget_bias;
  return {{"matrices", initialisation.matrices},
          {"recurrent", initialisation.recurrent},
          {"forget_bias", bias ? json(*bias) : json()}};
}

Initialisation initialisation_from_json(const json& value) {
  Initialisation initialisation{.matrices = value.at("matrices").get<std::string>(),
                                .recurrent = value.at("recurrent").get<std::string>()};
  if (!value.at("forget_bias").is_null()) initialisation.forget_bias = value.at("forget_bias").get<double>();
  return initialisation;
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
  configuration["rewrites"] = json::array();
  for (const Rewrite& rewrite : options.rewrites) configuration["rewrites"].push_back(rewrite_to_json(rewrite));
  file.metadata["configuration"] = configuration.dump();
  const json cell = {
      {"name", options.cell.name()}, {"source", options.cell.source()}, {"options", options.cell.options()}};
  file.metadata["cell"] = cell.dump();
}

LanguageModelOptions read_configuration(const TensorFile& file) {
  try {
    const json cell = json::parse(file.text("cell"));
    const json configuration = json::parse(file.text("configuration"));
    LanguageModelOptions options{
        .cell = Cell::parse(cell.at("source").get<std::string>(), file.path, cell.at("options").get<std::string>())};
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
    for (const json& rewrite : configuration.at("rewrites")) options.rewrites.push_back(rewrite_from_json(rewrite));
    return options;
  } catch (const json::exception& error) {
    throw InputError(
        fmt::format("{}: the metadata 'cell' or 'configuration' cannot be read: {}", file.path, error.what()));
  }
}

}  // namespace unfold
