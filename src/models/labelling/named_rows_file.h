// Tables with named rows in a file: the numbers as an array, the names as JSON in the metadata.
#pragma once

#include <string>

#include "models/safetensors.h"
#include "unfold/named_rows.h"

namespace unfold {

void store_rows(const std::string& name, const NamedRows& rows, TensorFile& file);

/// Throws InputError where the file does not hold what store_rows wrote.
NamedRows take_rows(const std::string& name, Index width, TensorFile& file);

/// A list of texts of the metadata, and back. Throws InputError as take_rows does.
void store_names(const std::string& key, std::span<const std::string> names, TensorFile& file);
std::vector<std::string> read_names(const std::string& key, const TensorFile& file);

}  // namespace unfold
