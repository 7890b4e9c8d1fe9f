#include "tasks/settings.h"

#include <fmt/ranges.h>
#include <toml++/toml.h>

#include <algorithm>
#include <optional>
#include <sstream>

#include "base/file.h"
#include "base/text_distance.h"
#include "unfold/error.h"

namespace unfold {
namespace {

template <class... Cases>
struct Overloaded : Cases... {
  using Cases::operator()...;
};

std::string toml_text(const std::string& text) {
  std::ostringstream quoted;
  quoted << toml::value<std::string>(text);
  return quoted.str();
}

std::string toml_text(Index number) { return fmt::format("{}", number); }

/// The shortest text that reads back as the same bits, and as a TOML float.
std::string toml_text(double number) {
  const std::string text = fmt::format("{}", number);
  return text.find_first_of(".en") == std::string::npos ? text + ".0" : text;
}

std::string toml_text(bool flag) { return flag ? "true" : "false"; }

template <class Value>
std::string toml_text(const std::vector<Value>& values) {
  std::vector<std::string> texts;
  for (const Value& value : values) texts.push_back(toml_text(value));
  return fmt::format("[{}]", fmt::join(texts, ", "));
}

[[noreturn]] void fail(const std::filesystem::path& file, const toml::source_region& place,
                       const std::string& message) {
  throw InputError(fmt::format("{}:{}:{}: {}", file.string(), place.begin.line, place.begin.column, message));
}

toml::table parse(const std::filesystem::path& file) {
  try {
    return toml::parse(read_file(file), file.string());
  } catch (const toml::parse_error& error) {
    fail(file, error.source(), std::string(error.description()));
  }
}

/// A list from an array whose elements all have the type; one value may stand without brackets.
template <class Value>
std::optional<std::vector<Value>> read_list(const toml::node& node) {
  if (const std::optional<Value> one = node.value_exact<Value>()) return std::vector<Value>{*one};
  if (!node.is_array()) return std::nullopt;
  std::vector<Value> values;
  for (const toml::node& element : *node.as_array()) {
    const std::optional<Value> value = element.value_exact<Value>();
    if (!value) return std::nullopt;
    values.push_back(*value);
  }
  return values;
}

void assign(const std::filesystem::path& file, const Setting& setting, const toml::node& node) {
  const auto take = [&](auto* target, auto value, const char* expected) {
    if (!value) fail(file, node.source(), fmt::format("'{}' expects {}", setting.name, expected));
    *target = *value;
  };
  std::visit(
      Overloaded{[&](std::string* text) { take(text, node.value_exact<std::string>(), "a text in quotes"); },
                 [&](Index* number) { take(number, node.value_exact<Index>(), "a whole number"); },
                 [&](double* number) { take(number, node.value<double>(), "a number"); },
                 [&](bool* flag) { take(flag, node.value_exact<bool>(), "true or false"); },
                 [&](std::vector<std::string>* texts) {
                   take(texts, read_list<std::string>(node), "texts in quotes: [\"a\", \"b\"]");
                 },
                 [&](std::vector<Index>* numbers) { take(numbers, read_list<Index>(node), "whole numbers: [1, 2]"); }},
      setting.value);
}

}  // namespace

Settings grouped(const std::string& group, Settings settings) {
  for (Setting& setting : settings) setting.group = group;
  return settings;
}

Settings joined(std::initializer_list<Settings> groups) {
  Settings all;
  for (const Settings& group : groups) all.insert(all.end(), group.begin(), group.end());
  return all;
}

std::string value_text(const Setting& setting) {
  return std::visit(
      Overloaded{[](const std::vector<std::string>* texts) { return fmt::format("{}", fmt::join(*texts, " ")); },
                 [](const std::vector<Index>* numbers) { return fmt::format("{}", fmt::join(*numbers, ",")); },
                 [](const auto* value) { return fmt::format("{}", *value); }},
      setting.value);
}

std::string config_text(const std::string& task, const Settings& settings) {
  std::string text =
      fmt::format("# Every setting of this run; `unfold train {0} --config FILE` repeats it.\ntask = \"{0}\"\n", task);
  std::string group;
  for (const Setting& setting : settings) {
    if (setting.group != group) text += fmt::format("\n# {}\n", setting.group);
    group = setting.group;
    text += fmt::format("{} = {}\n", setting.name,
                        std::visit([](const auto* value) { return toml_text(*value); }, setting.value));
  }
  return text;
}

void read_config(const std::filesystem::path& file, const std::string& task, const Settings& settings,
                 const std::set<std::string>& given) {
  std::vector<std::string> names;
  for (const Setting& setting : settings) names.push_back(setting.name);

  for (const auto& [key, node] : parse(file)) {
    const std::string name(key.str());
    if (name == "task") {
      if (node.value_or(std::string{}) != task) fail(file, node.source(), fmt::format("expected task = \"{}\"", task));
      continue;
    }
    const auto at = std::find(names.begin(), names.end(), name);
    if (at == names.end()) {
      fail(file, node.source(), fmt::format("there is no setting '{}'{}", name, did_you_mean(name, names)));
    }
    if (!given.contains(name)) assign(file, settings[static_cast<std::size_t>(at - names.begin())], node);
  }
}

}  // namespace unfold
