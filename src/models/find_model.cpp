#include "models/find_model.h"

#include <fmt/core.h>

#include "unfold/error.h"

namespace unfold {

std::filesystem::path find_model(const std::filesystem::path& file_or_run) {
  constexpr const char* kModelOfRun = "model.safetensors";
  if (!std::filesystem::is_directory(file_or_run)) return file_or_run;
  std::filesystem::path file = file_or_run / kModelOfRun;
  if (!std::filesystem::exists(file)) {
    throw InputError(
        fmt::format("{}: the folder holds no {}; expected a run directory (its model is first saved after "
                    "the first validation)",
                    file_or_run.string(), kModelOfRun));
  }
  return file;
}

}  // namespace unfold
