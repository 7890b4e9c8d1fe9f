#include "tasks/language_model/network.h"

#include <fmt/core.h>

#include "unfold/error.h"

namespace unfold {
namespace {

/// "naive:0.2" or "variational:0.2" as a rewrite.
Rewrite parse_recurrent_dropout(const std::string& text) {
  const std::size_t colon = text.find(':');
  const std::string kind = text.substr(0, colon);
  double rate = -1;
  if (colon != std::string::npos) {
    std::size_t read = 0;
    try {
      rate = std::stod(text.substr(colon + 1), &read);
    } catch (const std::logic_error&) {  // no number, or out of range
    }
    if (colon + 1 + read != text.size()) rate = -1;
  }
  if ((kind != "naive" && kind != "variational") || !(rate >= 0 && rate < 1)) {
    throw UsageError(
        fmt::format("--recurrent-dropout expects none, naive:P or variational:P with 0 <= P < 1, found '{}'", text));
  }
  return {.kind = kind == "naive" ? Rewrite::Kind::kNaiveDropout : Rewrite::Kind::kVariationalDropout,
          .state = {},
          .rate = rate};
}

}  // namespace

LanguageModelOptions model_options(const LanguageModelSettings& settings) {
  LanguageModelOptions options;
  options.cell = Cell::load(settings.network.cell);
  options.hidden.assign(static_cast<std::size_t>(settings.network.layers), settings.network.hidden);
  options.embed = settings.network.embed;
  options.seed = static_cast<std::uint64_t>(settings.seed);
  options.batch = settings.text.batch;
  options.steps = settings.text.unroll;
  if (settings.regularisation.teacher_forcing != "none") {
    options.rewrites.push_back(
        {.kind = Rewrite::Kind::kTeacherForcing, .state = settings.regularisation.teacher_forcing});
  }
  if (settings.regularisation.recurrent_dropout != "none") {
    options.rewrites.push_back(parse_recurrent_dropout(settings.regularisation.recurrent_dropout));
  }
  return options;
}

}  // namespace unfold
