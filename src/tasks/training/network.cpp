// What the settings of layers and regularisation say.
#include <fmt/core.h>

#include <optional>

#include "tasks/option_text.h"
#include "tasks/training/settings.h"
#include "unfold/error.h"

namespace unfold {
namespace {

Dropout parsed(const char* option, const std::string& text) {
  const std::optional<Dropout> dropout = parse_dropout(text);
  if (dropout) return *dropout;
  throw UsageError(fmt::format("--{} expects P, naive:P or variational:P with 0 <= P < 1, found '{}'", option, text));
}

}  // namespace

std::vector<Index> LayerSettings::layer_sizes() const {
  const std::optional<std::vector<Index>> parsed = parse_sizes(hidden);
  if (!parsed) {
    throw UsageError(
        fmt::format("--hidden expects a size above 0, or one for each layer such as 512,512,256, found '{}'", hidden));
  }
  std::vector<Index> sizes = *parsed;
  if (layers != kAutomatic && layers < 1) throw UsageError(fmt::format("--layers must be above 0, found {}", layers));
  if (sizes.size() == 1) {
    sizes.resize(layers == kAutomatic ? static_cast<std::size_t>(usual_layers) : static_cast<std::size_t>(layers),
                 sizes.front());
  } else if (layers != kAutomatic && layers != static_cast<Index>(sizes.size())) {
    throw UsageError(
        fmt::format("--hidden {} has {} sizes, but --layers is {}; leave --layers out", hidden, sizes.size(), layers));
  }
  return sizes;
}

Initialisation LayerSettings::initialisation() const {
  const auto text = [](const std::string& start) { return start == "cell" ? std::string() : start; };
  Initialisation starts{.matrices = text(init), .recurrent = text(recurrent_init)};
  if (forget_bias == "cell") return starts;
  starts.forget_bias = parse_number(forget_bias);
  if (!starts.forget_bias) {
    throw UsageError(fmt::format("--forget-bias expects a number or cell, found '{}'", forget_bias));
  }
  return starts;
}

DropoutOptions RegularisationSettings::around() const {
  return {.words = embedding_dropout,
          .input = parsed("input-dropout", input_dropout),
          .between = parsed("dropout", dropout),
          .output = parsed("output-dropout", output_dropout)};
}

}  // namespace unfold
