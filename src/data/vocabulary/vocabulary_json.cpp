// Vocabularies as JSON: {"level": "char", "symbols": ["\n", " ", ...]}; at byte level the symbols are numbers 0 to 255,
// at level bpe there is "model" instead. With sequences: "sequences": "lines", or "documents" and their "separator".
#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "base/base64.h"
#include "data/text/utf8.h"
#include "data/vocabulary/bpe.h"
#include "data/vocabulary/words.h"
#include "unfold/error.h"
#include "unfold/vocabulary.h"

namespace unfold {
namespace {

using Json = nlohmann::json;

[[noreturn]] void throw_damaged(std::string_view what) {
  throw InputError(
      fmt::format("the vocabulary is damaged: {}; the file it is from was changed or is of another kind", what));
}

// A symbol must be what encoding at this level can find, or decoded text would not encode again.
bool fits(const std::string& symbol, Level level) {
  if (symbol.empty() || first_invalid_byte(symbol)) return false;
  if (level == Level::kChar) return code_point_at(symbol, 0)->length == symbol.size();
  const auto words = divide_words(symbol);
  return words.size() == 1 && words[0] == symbol;
}

std::string read_symbol(const Json& json, Level level) {
  if (level == Level::kByte) {
    if (!json.is_number_integer() || json < 0 || json > 255) {
      throw_damaged("expected byte numbers from 0 to 255, found " + json.dump());
    }
    return std::string(1, static_cast<char>(json.get<int>()));
  }
  if (!json.is_string() || !fits(json.get_ref<const std::string&>(), level)) {
    throw_damaged(fmt::format("expected {}s, found {}", level_name(level), json.dump()));
  }
  return json.get<std::string>();
}

/// The text under a key, which is taken out.
std::string take_text(Json& object, const char* key) {
  const auto found = object.find(key);
  if (found == object.end() || !found->is_string()) throw_damaged(fmt::format("expected a text '{}'", key));
  const std::string text = found->get<std::string>();
  object.erase(found);
  return text;
}

Division take_division(Json& object) {
  if (!object.contains("sequences")) return {};
  const std::string kind = take_text(object, "sequences");
  if (kind == "lines") return {.kind = Division::Kind::kLines};
  if (kind != "documents") throw_damaged("unknown sequences '" + kind + "'");
  return {.kind = Division::Kind::kDocuments, .separator = take_text(object, "separator")};
}

Level take_level(Json& object) {
  try {
    return parse_level(take_text(object, "level"));
  } catch (const UsageError& error) {
    throw_damaged(error.what());
  }
}

Json symbols_json(std::span<const std::string> symbols, Level level) {
  Json json = Json::array();
  for (const std::string& symbol : symbols) {
    if (level == Level::kByte) {
      json.push_back(static_cast<unsigned char>(symbol[0]));
    } else {
      json.push_back(symbol);
    }
  }
  return json;
}

}  // namespace

std::string Vocabulary::to_json() const {
  Json json = {{"level", level_name(level_)}};
  if (pieces_) {
    json["model"] = to_base64(pieces_->model());
  } else {
    json["symbols"] = symbols_json(std::span(symbols_).first(symbols_.size() - (boundary() ? 1 : 0)), level_);
  }
  if (division_.kind == Division::Kind::kLines) json["sequences"] = "lines";
  if (division_.kind == Division::Kind::kDocuments) {
    json["sequences"] = "documents";
    json["separator"] = division_.separator;
  }
  constexpr int kNoIndent = -1;
  return json.dump(kNoIndent, ' ', /*ensure_ascii=*/true);
}

Vocabulary Vocabulary::from_json(std::string_view json) {
  Json object = Json::parse(json, nullptr, /*allow_exceptions=*/false);
  if (!object.is_object()) throw_damaged("expected an object of level and symbols");
  const Level level = take_level(object);
  const Division division = take_division(object);
  if (level == Level::kBpe) {
    const auto model = from_base64(take_text(object, "model"));
    if (!model || !object.empty()) throw_damaged("expected SentencePiece's model in base64 and nothing more");
    return {std::make_shared<const Bpe>(Bpe::load(*model)), division};
  }
  if (object.size() != 1 || !object.contains("symbols") || !object["symbols"].is_array()) {
    throw_damaged("expected level and symbols, and nothing unknown");
  }
  std::vector<std::string> symbols;
  for (const Json& symbol : object["symbols"]) symbols.push_back(read_symbol(symbol, level));
  const std::size_t count = symbols.size();
  Vocabulary vocabulary(level, std::move(symbols), division);
  if (vocabulary.ids_.size() != count) throw_damaged("a symbol occurs twice");
  return vocabulary;
}

}  // namespace unfold
