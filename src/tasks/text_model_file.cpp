#include "tasks/text_model_file.h"

#include "unfold/language_text_model.h"
#include "unfold/model_file.h"

namespace unfold {

LoadedTextModel load_text_model(const std::filesystem::path& file_or_run) {
  LoadedModel loaded = load_model(file_or_run);
  const LanguageModelOptions& options = loaded.model.options();
  const Index batch = options.batch, steps = options.steps;
  return {std::make_unique<LanguageTextModel>(std::move(loaded.model)), std::move(loaded.vocabulary), batch, steps};
}

}  // namespace unfold
