#include "command.h"

#include <fmt/core.h>

#include <CLI/CLI.hpp>

namespace unfold::cli {
namespace {

/// Refuses numbers below `least`. Without a name, which --help would print behind the type.
CLI::Validator at_least(double least) {
  return CLI::Validator(
      [least](const std::string& text) {
        double number = 0;
        const bool fine = CLI::detail::lexical_cast(text, number) && number >= least;
        return fine ? std::string() : fmt::format("expected a number that is at least {}, found {}", least, text);
      },
      "");
}

}  // namespace

Command Command::below(const std::string& name, const std::string& summary) {
  app_->require_subcommand(1);
  return Command(*app_->add_subcommand(name, summary), *chosen_);
}

void Command::example(const std::string& text) { app_->footer("Example:\n" + text); }

void Command::action(Action action) {
  app_->final_callback([chosen = chosen_, action = std::move(action)] { *chosen = action; });
}

void Command::argument(const std::string& name, std::string& value, const std::string& help) {
  app_->add_option(name, value, help);
}

void Command::arguments(const std::string& name, std::vector<std::string>& values, const std::string& help) {
  app_->add_option(name, values, help);
}

CLI::Option* Command::shown(CLI::Option* option, bool with_default) {
  option->group(group_);
  return with_default ? option->capture_default_str() : option;
}

void Command::option(const std::string& name, std::string& value, const std::string& help) {
  shown(app_->add_option("--" + name, value, help), !value.empty());
}

template <class Number>
CLI::Option* Command::add_number(const std::string& name, Number& value, const std::string& help) {
  return shown(app_->add_option("--" + name, value, help), value >= 0);
}

void Command::option(const std::string& name, Index& value, const std::string& help, Least least) {
  add_number(name, value, help)->type_name("N")->check(at_least(least == Least::kOne ? 1 : 0));
}

void Command::option(const std::string& name, double& value, const std::string& help) {
  add_number(name, value, help)->type_name("X")->check(at_least(0));
}

void Command::option(const std::string& name, std::vector<std::string>& values, const std::string& help) {
  shown(app_->add_option("--" + name, values, help), !values.empty());
}

void Command::option(const std::string& name, std::vector<Index>& values, const std::string& help) {
  shown(app_->add_option("--" + name, values, help), !values.empty())
      ->delimiter(',')
      ->type_name("N,N,...")
      ->check(at_least(0));
}

void Command::list(const std::string& name, std::vector<std::string>& values, const std::string& help) {
  shown(app_->add_option("--" + name, values, help), !values.empty())->delimiter(',');
}

void Command::list(const std::string& name, std::vector<double>& values, const std::string& help) {
  shown(app_->add_option("--" + name, values, help), !values.empty())
      ->delimiter(',')
      ->type_name("N,N,...")
      ->check(at_least(0));
}

void Command::repeated(const std::string& name, std::vector<std::string>& values, const std::string& help) {
  shown(app_->add_option("--" + name, values, help), !values.empty())->allow_extra_args(false);
}

void Command::flag(const std::string& name, bool& value, const std::string& help) {
  shown(app_->add_flag("--" + name, value, help), false);
}

void Command::group(const std::string& title) { group_ = title; }

void Command::require(const std::string& name) { find(name)->required(); }

void Command::exclude(const std::string& one, const std::string& other) { find(one)->excludes(find(other)); }

bool Command::given(const std::string& name) const { return find(name)->count() > 0; }

CLI::Option* Command::find(const std::string& name) const {
  CLI::Option* option = app_->get_option_no_throw("--" + name);
  return option != nullptr ? option : app_->get_option(name);
}

}  // namespace unfold::cli
