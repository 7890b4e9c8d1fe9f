// Models of text from their files, of whatever kind.
#pragma once

#include <filesystem>
#include <memory>

#include "unfold/data.h"
#include "unfold/text_model.h"

namespace unfold {

struct LoadedTextModel {
  std::unique_ptr<TextModel> model;
  Vocabulary vocabulary;
  Index batch = 32;  // the extent of the batches it is fastest with
  Index steps = 64;
};

/// Reads a model file, or a run's folder. Throws InputError as load_model.
LoadedTextModel load_text_model(const std::filesystem::path& file_or_run);

}  // namespace unfold
