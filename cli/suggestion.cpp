#include "suggestion.h"

#include <fmt/format.h>

#include <vector>

#include "base/text_distance.h"

namespace unfold::cli {
namespace {

/// `app` or the command chosen below it, as deep as the words were understood.
const CLI::App& chosen_command(const CLI::App& app) {
  const std::vector<CLI::App*> chosen = app.get_subcommands();
  return chosen.empty() ? app : chosen_command(*chosen.front());
}

std::vector<std::string> option_names(const CLI::App& command) {
  std::vector<std::string> names;
  for (const CLI::Option* option : command.get_options()) {
    for (const std::string& name : option->get_lnames()) names.push_back("--" + name);
  }
  return names;
}

std::vector<std::string> command_names(const CLI::App& command) {
  std::vector<std::string> names;
  for (const CLI::App* below : command.get_subcommands({})) names.push_back(below->get_name());
  return names;
}

std::string full_name(const CLI::App& command) {
  const CLI::App* parent = command.get_parent();
  return parent == nullptr ? command.get_name() : full_name(*parent) + " " + command.get_name();
}

}  // namespace

std::string explain_parse_error(const CLI::App& app, const CLI::ParseError& error) {
  const CLI::App& command = chosen_command(app);
  const std::string help = fmt::format("See '{} --help'.", full_name(command));
  const std::vector<std::string> unknown = app.remaining(true);
  const std::vector<std::string> commands = command_names(command);
  if (unknown.empty() && error.get_name() == "RequiredError" && !commands.empty()) {
    return fmt::format("{} needs one of: {}. {}", full_name(command), fmt::join(commands, ", "), help);
  }
  if (unknown.empty()) return fmt::format("{}. {}", error.what(), help);

  const std::string word = unknown.front().substr(0, unknown.front().find('='));
  const bool is_option = word.starts_with("-");
  const std::string known = did_you_mean(word, is_option ? option_names(command) : commands);
  return fmt::format("{} has no {} '{}'{} {}", full_name(command), is_option ? "option" : "argument", word,
                     known.empty() ? "." : known, help);
}

}  // namespace unfold::cli
