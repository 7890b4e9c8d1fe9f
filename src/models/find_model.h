// The model file that a path means.
#pragma once

#include <filesystem>

namespace unfold {

/// The path itself, or the model.safetensors of a run's folder. Throws InputError where a folder has none.
std::filesystem::path find_model(const std::filesystem::path& file_or_run);

}  // namespace unfold
