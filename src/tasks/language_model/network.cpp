#include "tasks/language_model/network.h"

#include <fmt/core.h>

#include <optional>

#include "tasks/option_text.h"
#include "unfold/error.h"

namespace unfold {
namespace {

OutputOptions output_options(const NetworkSettings& network) {
  OutputOptions output{.tied = network.tie_weights};
  if (network.softmax != "full" && network.softmax != "adaptive") {
    throw UsageError(fmt::format("--softmax expects full or adaptive, found '{}'", network.softmax));
  }
  if (network.softmax == "adaptive") output.kind = OutputOptions::Kind::kAdaptive;
  if (network.cutoffs == "automatic") return output;
  const std::optional<std::vector<Index>> cutoffs = parse_sizes(network.cutoffs);
  if (!cutoffs) {
    throw UsageError(
        fmt::format("--cutoffs expects automatic or numbers such as 2000,10000, found '{}'", network.cutoffs));
  }
  output.cutoffs = *cutoffs;
  return output;
}

}  // namespace

LanguageModelOptions model_options(const LanguageModelSettings& settings) {
  LanguageModelOptions options;
  options.cell = Cell::load(settings.network.cell);
  options.hidden = settings.network.layer_sizes();
  options.embed = settings.network.embed;
  options.skip = settings.network.skip;
  options.residual = settings.network.residual;
  options.output = output_options(settings.network);
  options.initialisation = settings.network.initialisation();
  const LanguageRegularisationSettings& regularisation = settings.regularisation;
  options.dropout = regularisation.around();
  options.penalties = {.label_smoothing = regularisation.label_smoothing,
                       .activation = regularisation.activation_penalty,
                       .temporal_activation = regularisation.temporal_penalty};
  options.seed = static_cast<std::uint64_t>(settings.seed);
  options.batch = settings.text.batch;
  options.steps = settings.text.unroll;
  options.precision = parse_precision(settings.execution.precision);
  options.rewrites = regularisation.recurrence.rewrites();
  return options;
}

}  // namespace unfold
