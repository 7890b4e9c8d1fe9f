// The command `unfold`. The only place that catches what the library throws and that decides the exit code.
#include <fmt/core.h>

#include <CLI/CLI.hpp>

#include "suggestion.h"
#include "unfold/error.h"
#include "unfold/version.h"
#include "verb.h"

namespace {

using namespace unfold::cli;

int run(int argc, char** argv) {
  CLI::App app("You write the equations of one time step. unfold turns them into a model that trains and runs.",
               "unfold");
  app.set_version_flag("--version", unfold::kVersion);
  app.require_subcommand(1);
  app.get_formatter()->column_width(34);
  app.footer(
      "Example:\n  unfold train lm --data book.txt --out run\n  unfold generate run --prompt 'In the ' --length 400");

  Action action;
  for (const Verb& verb : verbs()) {
    Command command(*app.add_subcommand(verb.name, verb.summary), action);
    verb.prepare(command);
  }

  try {
    app.parse(argc, argv);
  } catch (const CLI::Success& request) {  // --help, --version
    return app.exit(request);
  } catch (const CLI::ParseError& error) {
    fmt::print(stderr, "unfold: {}\n", explain_parse_error(app, error));
    return kBadUsage;
  }
  return action();
}

}  // namespace

int main(int argc, char** argv) {
  try {
    return run(argc, argv);
  } catch (const unfold::UsageError& error) {
    fmt::print(stderr, "unfold: {}\n", error.what());
    return kBadUsage;
  } catch (const std::exception& error) {  // InputError; a ContractError or bad_alloc is a fault, reported the same way
    fmt::print(stderr, "unfold: {}\n", error.what());
    return kBadInput;
  }
}
