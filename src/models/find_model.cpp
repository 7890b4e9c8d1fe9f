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

std::string format_of(const TensorFile& file) {
  const auto found = file.metadata.find("format");
  return found == file.metadata.end() ? "" : found->second;
}

std::string model_format(const std::filesystem::path& file_or_run) {
  try {
    return format_of(read_tensor_file(find_model(file_or_run)));
  } catch (const InputError&) {
    return {};
  }
}

}  // namespace unfold
