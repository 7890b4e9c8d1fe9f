#include "tasks/language_model/network.h"

namespace unfold {

LanguageModelOptions model_options(const LanguageModelSettings& settings) {
  LanguageModelOptions options;
  options.cell = Cell::load(settings.network.cell);
  options.hidden.assign(static_cast<std::size_t>(settings.network.layers), settings.network.hidden);
  options.embed = settings.network.embed;
  options.seed = static_cast<std::uint64_t>(settings.seed);
  options.batch = settings.text.batch;
  options.steps = settings.text.unroll;
  options.rewrites = settings.regularisation.recurrence.rewrites();
  return options;
}

}  // namespace unfold
