// What the files of all models of sequences have in common. See docs/file_format.md.
#pragma once

#include <fmt/core.h>

#include <nlohmann/json.hpp>

#include "models/safetensors.h"
#include "unfold/error.h"
#include "unfold/labelling_model.h"

namespace unfold {

/// A file of that format with how files of sequences are read.
TensorFile begin_sequence_file(const char* format, const ReadingDefaults& reading);
/// The same with the labels.
TensorFile begin_labelling_file(const char* format, const Labels& labels, const ReadingDefaults& reading);

/// Throws InputError for a file of another version than begin_sequence_file writes.
void expect_labelling_version(const TensorFile& file);

/// Names under a key of the metadata. Throws InputError where they are missing or one is there twice.
Labels read_labels(const std::string& key, const TensorFile& file);

/// Calls read(configuration), which takes that JSON apart. Throws InputError for whatever it throws.
template <class Read>
auto with_configuration(const TensorFile& file, const Read& read) {
  try {
    return read(nlohmann::json::parse(file.text("configuration")));
  } catch (const nlohmann::json::exception& error) {
    throw InputError(fmt::format("{}: the metadata 'configuration' cannot be read: {}", file.path, error.what()));
  } catch (const UsageError& error) {
    throw InputError(fmt::format("{}: {}", file.path, error.what()));
  }
}

}  // namespace unfold
