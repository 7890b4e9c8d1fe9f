// Values of options that are more than a number or a word.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "unfold/layers.h"

namespace unfold {

/// A number and nothing else.
std::optional<double> parse_number(const std::string& text);

/// "512,256": numbers above 0, at least one.
std::optional<std::vector<Index>> parse_sizes(const std::string& text);

/// "P", "naive:P" or "variational:P", 0 <= P < 1; "P" is naive.
std::optional<Dropout> parse_dropout(const std::string& text);

/// "f32" or "bf16". Throws UsageError for another text.
Precision parse_precision(const std::string& text);

}  // namespace unfold
