#include "tasks/language_model/network.h"

#include <fmt/core.h>

#include <optional>

#include "tasks/option_text.h"
#include "unfold/error.h"

namespace unfold {
namespace {

constexpr std::size_t kDefaultLayers = 2;

Dropout dropout(const char* option, const std::string& text) {
  const std::optional<Dropout> parsed = parse_dropout(text);
  if (parsed) return *parsed;
  throw UsageError(fmt::format("--{} expects P, naive:P or variational:P with 0 <= P < 1, found '{}'", option, text));
}

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

Initialisation initialisation(const NetworkSettings& network) {
  const auto text = [](const std::string& start) { return start == "cell" ? std::string() : start; };
  Initialisation starts{.matrices = text(network.init), .recurrent = text(network.recurrent_init)};
  if (network.forget_bias == "cell") return starts;
  starts.forget_bias = parse_number(network.forget_bias);
  if (!starts.forget_bias) {
    throw UsageError(fmt::format("--forget-bias expects a number or cell, found '{}'", network.forget_bias));
  }
  return starts;
}

}  // namespace

std::vector<Index> NetworkSettings::layer_sizes() const {
  const std::optional<std::vector<Index>> parsed = parse_sizes(hidden);
  if (!parsed) {
    throw UsageError(
        fmt::format("--hidden expects a size above 0, or one for each layer such as 512,512,256, found '{}'", hidden));
  }
  std::vector<Index> sizes = *parsed;
  if (layers != kAutomatic && layers < 1) throw UsageError(fmt::format("--layers must be above 0, found {}", layers));
  if (sizes.size() == 1) {
    sizes.resize(layers == kAutomatic ? kDefaultLayers : static_cast<std::size_t>(layers), sizes.front());
  } else if (layers != kAutomatic && layers != static_cast<Index>(sizes.size())) {
    throw UsageError(
        fmt::format("--hidden {} has {} sizes, but --layers is {}; leave --layers out", hidden, sizes.size(), layers));
  }
  return sizes;
}

LanguageModelOptions model_options(const LanguageModelSettings& settings) {
  LanguageModelOptions options;
  options.cell = Cell::load(settings.network.cell);
  options.hidden = settings.network.layer_sizes();
  options.embed = settings.network.embed;
  options.skip = settings.network.skip;
  options.residual = settings.network.residual;
  options.output = output_options(settings.network);
  options.initialisation = initialisation(settings.network);
  const RegularisationSettings& regularisation = settings.regularisation;
  options.dropout = {.words = regularisation.embedding_dropout,
                     .input = dropout("input-dropout", regularisation.input_dropout),
                     .between = dropout("dropout", regularisation.dropout),
                     .output = dropout("output-dropout", regularisation.output_dropout)};
  options.penalties = {.label_smoothing = regularisation.label_smoothing,
                       .activation = regularisation.activation_penalty,
                       .temporal_activation = regularisation.temporal_penalty};
  options.seed = static_cast<std::uint64_t>(settings.seed);
  options.batch = settings.text.batch;
  options.steps = settings.text.unroll;
  options.precision = parse_precision(settings.precision);
  options.rewrites = settings.regularisation.recurrence.rewrites();
  return options;
}

}  // namespace unfold
