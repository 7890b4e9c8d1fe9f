// The whole of a run's settings.
#include "tasks/language_model/settings.h"

#include <filesystem>

#include "tasks/training/run_settings.h"

namespace unfold {

Settings LanguageModelSettings::list() {
  return joined({text.list(), network.list(), regularisation.list(), optimizer.list(), length.list(), recovery.list(),
                 execution.list(), grouped("Execution", {{"seed", "Of initial values and dropout", &seed}})});
}

LanguageModelSettings LanguageModelSettings::with_whole_paths() const {
  LanguageModelSettings settings = *this;
  for (std::vector<std::string>* files : {&settings.text.data, &settings.text.valid}) {
    for (std::string& file : *files) file = whole_path(file);
  }
  std::string& cell = settings.network.cell;
  if (std::filesystem::is_regular_file(cell)) cell = whole_path(cell);
  return settings;
}

}  // namespace unfold
