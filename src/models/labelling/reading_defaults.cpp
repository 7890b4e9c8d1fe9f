// How a model's files are read, as metadata of its own file.
#include <fmt/core.h>

#include <nlohmann/json.hpp>

#include "unfold/error.h"
#include "unfold/labelling_model.h"

namespace unfold {

using nlohmann::json;

std::string ReadingDefaults::to_json() const {
  return json({{"format", options.format},
               {"label", options.label},
               {"text", options.text},
               {"values", options.values},
               {"sequence", options.sequence},
               {"time", options.time},
               {"pixels", options.pixels},
               {"shrink", options.shrink},
               {"permute", options.permute}})
      .dump();
}

ReadingDefaults ReadingDefaults::from_json(const std::string& text) {
  try {
    const json stored = json::parse(text);
    ReadingDefaults reading;
    reading.options.format = stored.at("format").get<std::string>();
    reading.options.label = stored.at("label").get<std::string>();
    reading.options.text = stored.at("text").get<std::string>();
    reading.options.values = stored.at("values").get<std::vector<std::string>>();
    reading.options.sequence = stored.at("sequence").get<std::string>();
    reading.options.time = stored.at("time").get<std::string>();
    reading.options.pixels = stored.at("pixels").get<bool>();
    reading.options.shrink = stored.at("shrink").get<Index>();
    reading.options.permute = stored.at("permute").get<Index>();
    return reading;
  } catch (const json::exception& error) {
    throw InputError(fmt::format("the metadata 'reading' cannot be read: {}", error.what()));
  }
}

}  // namespace unfold
