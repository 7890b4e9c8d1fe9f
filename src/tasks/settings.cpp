#include "tasks/settings.h"

#include <fmt/core.h>
#include <toml++/toml.h>

#include <algorithm>
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

std::string toml_text(const Setting& setting) {
  return std::visit(Overloaded{[](const std::string* text) {
                                 std::ostringstream quoted;
                                 quoted << toml::value<std::string>(*text);
                                 return quoted.str();
                               },
                               [](const Index* number) { return fmt::format("{}", *number); },
                               [](const double* number) {
                                 // The shortest text that reads back as the same bits, and as a TOML float.
                                 const std::string text = fmt::format("{}", *number);
                                 return text.find_first_of(".en") == std::string::npos ? text + ".0" : text;
                               }},
                    setting.value);
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

void assign(const std::filesystem::path& file, const Setting& setting, const toml::node& node) {
  const auto take = [&](auto* target, auto value, const char* expected) {
    if (!value) fail(file, node.source(), fmt::format("'{}' expects {}", setting.name, expected));
    *target = *value;
  };
  std::visit(Overloaded{[&](std::string* text) { take(text, node.value_exact<std::string>(), "a text in quotes"); },
                        [&](Index* number) { take(number, node.value_exact<Index>(), "a whole number"); },
                        [&](double* number) { take(number, node.value<double>(), "a number"); }},
             setting.value);
}

}  // namespace

std::string config_text(const std::string& task, const Settings& settings) {
  std::string text =
      fmt::format("# Every setting of this run; `unfold train {0} --config FILE` repeats it.\ntask = \"{0}\"\n", task);
  for (const Setting& setting : settings) {
    text += fmt::format("{} = {}{}\n", setting.name, toml_text(setting),
                        setting.remark.empty() ? "" : "  # " + setting.remark);
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
