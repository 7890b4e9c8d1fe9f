#include "models/checked_options.h"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>

#include "models/network_options.h"
#include "unfold/error.h"

namespace unfold {

namespace {

void expect_sizes(const LanguageModelOptions& options, Index vocabulary) {
  const bool positive = std::all_of(options.hidden.begin(), options.hidden.end(), [](Index size) { return size >= 1; });
  if (options.hidden.empty() || !positive || options.embed < 0 || vocabulary < 1) {
    throw ContractError(fmt::format(
        "a language model needs layers of at least 1 unit, embed >= 0 and a vocabulary; found {} layers{}, embed {}, "
        "vocabulary {}",
        options.hidden.size(), positive ? "" : ", some without units", options.embed, vocabulary));
  }
}

void expect_rates(const LanguageModelOptions& options) {
  expect_sound(options.dropout, options.penalties.label_smoothing, options.hidden.size(), options.skip);
  for (const double factor : {options.penalties.activation, options.penalties.temporal_activation}) {
    if (!(factor >= 0 && std::isfinite(factor))) {
      throw UsageError(fmt::format("factors of activation regularisation are at least 0, found {}", factor));
    }
  }
}

void expect_consistent(const LanguageModelOptions& options) {
  if (options.embed == 0 && (options.dropout.words > 0 || options.dropout.input.rate > 0)) {
    throw UsageError(
        "dropout of words and of the input drops parts of an embedding, and there is none; give it a size (--embed)");
  }
  if (options.embed == 0 && options.output.tied) {
    throw UsageError(
        "tied weights share the embedding with the output layer, and there is none; give it a size (--embed)");
  }
  const bool adaptive = options.output.kind == OutputOptions::Kind::kAdaptive;
  if (adaptive && options.penalties.label_smoothing > 0) {
    throw UsageError(
        "label smoothing needs the probability of every symbol, which the adaptive softmax is there to avoid; use the "
        "full one");
  }
  if (!adaptive && !options.output.cutoffs.empty()) {
    throw UsageError("cutoffs are those of the adaptive softmax; the full one has none");
  }
}

}  // namespace

LanguageModelOptions checked(LanguageModelOptions options, Index vocabulary) {
  expect_sizes(options, vocabulary);
  expect_rates(options);
  expect_consistent(options);
  return options;
}

}  // namespace unfold
