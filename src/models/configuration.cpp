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

}  // namespace

void store_configuration(const LanguageModelOptions& options, TensorFile& file) {
  json configuration = {{"hidden", options.hidden}, {"layers", options.layers}, {"embed", options.embed},
                        {"seed", options.seed},     {"batch", options.batch},   {"steps", options.steps}};
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
    options.hidden = configuration.at("hidden").get<Index>();
    options.layers = configuration.at("layers").get<Index>();
    options.embed = configuration.at("embed").get<Index>();
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
