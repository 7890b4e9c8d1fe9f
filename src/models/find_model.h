// The model file that a path means, and what it holds.
#pragma once

#include <filesystem>
#include <string>

#include "models/safetensors.h"

namespace unfold {

/// The path itself, or the model.safetensors of a run's folder. Throws InputError where a folder has none.
std::filesystem::path find_model(const std::filesystem::path& file_or_run);

/// The format that a file says it has; empty where it says none.
std::string format_of(const TensorFile& file);
/// The same of the model that a path means; empty for what is no model at all.
std::string model_format(const std::filesystem::path& file_or_run);

}  // namespace unfold
