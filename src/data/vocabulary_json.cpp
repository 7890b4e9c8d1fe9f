// Vocabularies as JSON: {"level": "char", "symbols": ["\n", " ", ...]}; at byte level the symbols are numbers 0 to 255.
#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "data/utf8.h"
#include "data/words.h"
#include "unfold/data.h"
#include "unfold/error.h"

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

}  // namespace

std::string Vocabulary::to_json() const {
  Json symbols = Json::array();
  for (const std::string& symbol : symbols_) {
    if (level_ == Level::kByte) {
      symbols.push_back(static_cast<unsigned char>(symbol[0]));
    } else {
      symbols.push_back(symbol);
    }
  }
  constexpr int kNoIndent = -1;
  return Json{{"level", level_name(level_)}, {"symbols", std::move(symbols)}}.dump(kNoIndent, ' ',
                                                                                   /*ensure_ascii=*/true);
}

Vocabulary Vocabulary::from_json(std::string_view json) {
  const Json parsed = Json::parse(json, nullptr, /*allow_exceptions=*/false);
  if (!parsed.is_object() || parsed.size() != 2 || !parsed.contains("level") || !parsed.contains("symbols") ||
      !parsed["level"].is_string() || !parsed["symbols"].is_array()) {
    throw_damaged("expected an object of level and symbols");
  }
  const auto& name = parsed["level"].get_ref<const std::string&>();
  if (name != "byte" && name != "char" && name != "word") throw_damaged("unknown level '" + name + "'");
  const Level level = parse_level(name);
  std::vector<std::string> symbols;
  for (const Json& symbol : parsed["symbols"]) symbols.push_back(read_symbol(symbol, level));
  Vocabulary vocabulary(level, std::move(symbols));
  if (vocabulary.ids_.size() != vocabulary.symbols_.size()) throw_damaged("a symbol occurs twice");
  return vocabulary;
}

}  // namespace unfold
