// "Did you mean": the option, verb or task nearest to what was not understood.
#pragma once

#include <CLI/CLI.hpp>
#include <string>

namespace unfold::cli {

/// What to tell the user whose words `error` complains about, with the nearest of the names that `app` and the commands
/// chosen below it know.
std::string explain_parse_error(const CLI::App& app, const CLI::ParseError& error);

}  // namespace unfold::cli
