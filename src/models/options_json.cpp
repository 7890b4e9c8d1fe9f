#include "models/options_json.h"

#include <fmt/core.h>

#include <array>
#include <optional>
#include <utility>

#include "unfold/error.h"

namespace unfold {

using nlohmann::json;

namespace {

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

json to_json(const std::vector<Rewrite>& rewrites) {
  json list = json::array();
  for (const Rewrite& rewrite : rewrites) list.push_back(rewrite_to_json(rewrite));
  return list;
}

std::vector<Rewrite> rewrites_from_json(const json& value) {
  std::vector<Rewrite> rewrites;
  for (const json& rewrite : value) rewrites.push_back(rewrite_from_json(rewrite));
  return rewrites;
}

json to_json(const Dropout& dropout) {
  return {{"rate", dropout.rate}, {"every_step", dropout.mask == Dropout::Mask::kEveryStep}};
}

Dropout dropout_from_json(const json& value) {
  return {.mask = value.at("every_step").get<bool>() ? Dropout::Mask::kEveryStep : Dropout::Mask::kEverySequence,
          .rate = value.at("rate").get<double>()};
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

void store_cell(const Cell& cell, TensorFile& file) {
  file.metadata["cell"] = json({{"name", cell.name()}, {"source", cell.source()}, {"options", cell.options()}}).dump();
}

Cell read_cell(const TensorFile& file) {
  try {
    const json cell = json::parse(file.text("cell"));
    return Cell::parse(cell.at("source").get<std::string>(), file.path, cell.at("options").get<std::string>());
  } catch (const json::exception& error) {
    throw InputError(fmt::format("{}: the metadata 'cell' cannot be read: {}", file.path, error.what()));
  }
}

}  // namespace unfold
